package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	// Buckets by URL: in memory for tests, S3 and what speaks like it.
	_ "gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob"

	"bonafide/kyc"
)

func openBucket(ctx context.Context, dir, url string) (*blob.Bucket, error) {
	if url != "" {
		b, err := blob.OpenBucket(ctx, url)
		if err != nil {
			return nil, fmt.Errorf("opening the file storage: %w", err)
		}
		return b, nil
	}
	folder := filepath.Join(dir, "blobs")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of encrypted files: %w", err)
	}
	b, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite, DirFileMode: 0o700})
	if err != nil {
		return nil, fmt.Errorf("opening the folder of encrypted files: %w", err)
	}
	return b, nil
}

// blobName is where a file lies: each tenant has a folder of its own.
func blobName(t kyc.Tenant, key string) string {
	return string(t.Org) + "/" + string(t.Env) + "/" + key
}

// PutBlob encrypts a file (up to 20 MiB, the limit of an upload) under the
// subject's key and stores it under a key of the caller's choice. It is
// written at once, unit or not; a file nobody refers to is harmless, because
// without its subject's key it is noise.
func (db *DB) PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string, data []byte) error {
	k, err := db.blobKey(ctx, t, subject)
	if err != nil {
		return err
	}
	name := blobName(t, key)
	sealed, err := k.encrypt(data, "blob|data|"+name)
	if err != nil {
		return fmt.Errorf("sealing a file: %w", err)
	}
	if err := db.bucket.WriteAll(ctx, name, sealed, nil); err != nil {
		return kyc.Errorf(kyc.Unavailable, "file_storage", "the file could not be stored: %w", err)
	}
	return nil
}

// Blob reads and decrypts a file. After its subject was erased, or its session
// withheld, the answer is the error `erased`.
func (db *DB) Blob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string) ([]byte, error) {
	if session, ok := sessionOfBlob(t, key); ok {
		if err := db.readable(ctx, t, session); err != nil {
			return nil, err
		}
	}
	k, err := db.keys.get(ctx, ownerKey(t, subject))
	if err != nil {
		return nil, err
	}
	name := blobName(t, key)
	sealed, err := db.bucket.ReadAll(ctx, name)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, kyc.Missing("file", key)
	}
	if err != nil {
		return nil, kyc.Errorf(kyc.Unavailable, "file_storage", "the file could not be read: %w", err)
	}
	data, err := k.decrypt(sealed, "blob|data|"+name)
	if err != nil {
		return nil, fmt.Errorf("opening a file: %w", err)
	}
	return data, nil
}

// DeleteBlob removes a file; a missing one is no error.
func (db *DB) DeleteBlob(ctx context.Context, t kyc.Tenant, key string) error {
	err := db.bucket.Delete(ctx, blobName(t, key))
	if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return kyc.Errorf(kyc.Unavailable, "file_storage", "the file could not be deleted: %w", err)
	}
	return nil
}

// blobKey is the key of a subject that is stored, or that the caller's unit
// is about to store: such a subject gets its key now and Commit uses it.
func (db *DB) blobKey(ctx context.Context, t kyc.Tenant, subject kyc.ID) (*dataKey, error) {
	n := ownerKey(t, subject)
	k, err := db.keys.get(ctx, n)
	if err == nil || kyc.KindOf(err) != kyc.NotFound || kyc.IsCode(err, "erased") {
		return k, err
	}
	u := kyc.UnitFrom(ctx)
	if u == nil {
		return nil, err
	}
	for _, o := range u.Change.Put {
		if s, ok := o.(*kyc.Subject); ok && s.ID == subject && s.Tenant == t {
			return db.keys.offer(n)
		}
	}
	return nil, err
}

// ownerKey names the key of a subject, or the tenant's for no subject.
func ownerKey(t kyc.Tenant, subject kyc.ID) keyName {
	if subject == "" {
		subject = tenantKey
	}
	return keyName{t, subject}
}
