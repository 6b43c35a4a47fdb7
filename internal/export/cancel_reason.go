package export

// CancelReason is why a sync job was cancelled without an admin's decision.
type CancelReason string

// The reasons.
const (
	CancelTabClosed    CancelReason = "tab_closed"          // the tab that receives the file reported that it closes
	CancelDisconnected CancelReason = "client_disconnected" // the connection ended before the whole file was sent
	CancelNotOpened    CancelReason = "stream_not_opened"   // the client did not open the stream in time
	CancelNotConfirmed CancelReason = "file_not_confirmed"  // the client did not confirm the file in time
)

// Message returns the reason as a sentence.
func (r CancelReason) Message() string {
	switch r {
	case CancelTabClosed:
		return "The tab that receives the file was closed."
	case CancelNotOpened:
		return "The download was not started in time."
	case CancelNotConfirmed:
		return "The file was not confirmed in time."
	default:
		return "The connection closed before the whole file was sent."
	}
}
