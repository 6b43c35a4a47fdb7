package export

import (
	"slices"
	"strings"
	"time"
)

// EventDownloaded is the kind of the event that a client asked for a link to download a file.
const EventDownloaded = "downloaded"

// maxDownloads bounds the download events of a job. The oldest ones are dropped first.
const maxDownloads = 50

// Download says who downloaded a file, and how often. One event stands for all downloads of a file by
// one requester; its time is that of the first.
type Download struct {
	RequesterID string    `json:"requesterId"` // Requester.ID
	By          string    `json:"by"`          // an e-mail address: personal data, never log it
	File        FileKind  `json:"file"`
	Count       int       `json:"count"`
	Last        time.Time `json:"last"` // of the last download
}

// WithDownload returns a copy of a history with one more download of a file.
func WithDownload(history []Event, by Requester, file FileKind, at time.Time) []Event {
	all := slices.Clone(history)
	for i, e := range all {
		if d := e.Download; d != nil && d.RequesterID == by.ID && d.File == file {
			next := *d
			next.Count, next.Last, next.By = d.Count+1, at, by.Email
			all[i].Download = &next
			return all
		}
	}
	if first := slices.IndexFunc(all, isDownload); first >= 0 && countDownloads(all) >= maxDownloads {
		all = slices.Delete(all, first, first+1)
	}
	message := "By " + by.Email
	if by.IsKeyPair() {
		message += " with the key pair " + strings.TrimPrefix(by.ID, KeyPairRequester)
	}
	if file == StateEventsFile {
		message += ": the state events"
	}
	return append(all, Event{
		Time: at, Kind: EventDownloaded, Message: message + ".",
		Download: &Download{RequesterID: by.ID, By: by.Email, File: file, Count: 1, Last: at},
	})
}

func isDownload(e Event) bool { return e.Download != nil }

func countDownloads(history []Event) (n int) {
	for _, e := range history {
		if isDownload(e) {
			n++
		}
	}
	return n
}
