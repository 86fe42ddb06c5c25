// Package layers holds a test of the order in which the packages of this module import each other, and of what library
// code must not do. It has no code of its own.
package layers
