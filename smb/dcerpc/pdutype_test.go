package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{PDURequest.String(), "request"},
		{PDUResponse.String(), "response"},
		{PDUFault.String(), "fault"},
		{PDUBind.String(), "bind"},
		{PDUBindAck.String(), "bind_ack"},
		{PDUBindNak.String(), "bind_nak"},
		{PDUAlterContext.String(), "alter_context"},
		{PDUAlterContextResp.String(), "alter_context_resp"},
		{PDUAuth3.String(), "rpc_auth_3"},
		{PDUShutdown.String(), "shutdown"},
		{PDUCoCancel.String(), "co_cancel"},
		{PDUOrphaned.String(), "orphaned"},
		{PDURTS.String(), "rts"},
		{PDUType(0x15).String(), "PTYPE(0x15)"},
		{PFCFlags(0).String(), "0"},
		{PFCWhole.String(), "PFC_FIRST_FRAG|PFC_LAST_FRAG"},
		{
			(PFCObjectUUID | PFCDidNotExecute | PFCMaybe | PFCConcMpx).String(),
			"PFC_CONC_MPX|PFC_DID_NOT_EXECUTE|PFC_MAYBE|PFC_OBJECT_UUID",
		},
		{(PFCSupportHeaderSign | 0x08).String(), "PFC_PENDING_CANCEL|PFC_RESERVED_1"},
		{ResultAcceptance.String(), "acceptance"},
		{ResultUserRejection.String(), "user_rejection"},
		{ResultProviderRejection.String(), "provider_rejection"},
		{ResultNegotiateAck.String(), "negotiate_ack"},
		{ContextResult(4).String(), "ContextResult(0x0004)"},
		{ReasonNotSpecified.String(), "reason_not_specified"},
		{ReasonAbstractSyntaxNotSupported.String(), "abstract_syntax_not_supported"},
		{ReasonProposedTransferSyntaxesNotSupported.String(), "proposed_transfer_syntaxes_not_supported"},
		{ReasonLocalLimitExceeded.String(), "local_limit_exceeded"},
		{ProviderReason(0xFFFF).String(), "ProviderReason(0xFFFF)"},
		{RejectNotSpecified.String(), "REASON_NOT_SPECIFIED"},
		{RejectProtocolVersionNotSupported.String(), "PROTOCOL_VERSION_NOT_SUPPORTED"},
		{RejectNoPSAPAvailable.String(), "NO_PSAP_AVAILABLE"},
		{RejectInvalidChecksum.String(), "invalid_checksum"},
		{RejectReason(10).String(), "RejectReason(0x000A)"},
		{NDR().String(), "8a885d04-1ceb-11c9-9fe8-08002b104860 v2.0"},
		{NDR64().String(), "71710533-beba-4937-8319-b5dbef9ccc36 v1.0"},
		{BindTimeFeatures(3).Syntax().String(), "6cb71c2c-9812-4540-0300-000000000000 v1.0"},
		{BindTimeFeatures(7).String(), "SecurityContextMultiplexingSupported|KeepConnectionOnOrphanSupported|0x4"},
	} {
		require.Equal(t, c.want, c.got)
	}
	require.Equal(t, []string{"PFC_FIRST_FRAG", "PFC_LAST_FRAG"}, PFCWhole.Tokens())
	require.Equal(t, []string{"KeepConnectionOnOrphanSupported"}, FeatureKeepConnectionOnOrphan.Tokens())
}

func TestBindTimeFeatures(t *testing.T) {
	f, ok := BindTimeFeatures(0x8000000000000001).Syntax().BindTimeFeatures()
	require.True(t, ok)
	require.Equal(t, BindTimeFeatures(0x8000000000000001), f)
	other := BindTimeFeatures(1).Syntax()
	other.Minor = 1
	for _, s := range []SyntaxID{NDR(), NDR64(), {}, other} {
		f, ok := s.BindTimeFeatures()
		require.False(t, ok)
		require.Zero(t, f)
	}
}
