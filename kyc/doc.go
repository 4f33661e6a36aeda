// Package kyc holds the words everybody uses: tenant, subject, session,
// workflow version, document, finding, run, case, event, job and error. They
// are plain structs with their legal moves; nothing here touches a disk, a
// network or a clock.
//
// A type enters this room only when a second room needs it. If two rooms must
// talk, they talk in these words. The room imports nothing but the standard
// library, and everybody may import it.
package kyc
