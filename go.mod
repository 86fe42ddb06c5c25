module github.com/smbscope/smbscope

go 1.26.0

require (
	github.com/hirochachacha/go-smb2 v1.1.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	golang.org/x/crypto v0.58.0
)

require (
	github.com/geoffgarside/ber v1.1.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
