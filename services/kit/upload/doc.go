// Package upload takes files in over bad networks, for any service whose things have files. A file is announced with its size and hash, then comes in
// pieces, each at its offset; when the last byte is there it is judged: it is what was announced, it is what its kind may be, and others get a
// rendition of it that says nothing of people.
//
//	announce → ANNOUNCED → UPLOADING → READY     its owner's event is committed with the row
//	               │            ├────→ REFUSED   not what was announced, not a file that is taken, or its owner takes it no more
//	               └────────────┴────→ EXPIRED   not complete in seven days
//
// Bytes are durable before a row counts them, blobs before a row names them, and they are deleted after it. What a crash leaves in between Tidy and Sweep put
// right. Who may announce, send and see a file, and what its arrival means, is the service's: it reads the row, and its Arrive makes the event.
//
// It depends on kit's blob, change, clock, fault, media and sqldb.
package upload
