package blob

import "errors"

// Place is the flags by which a service is told where it keeps files. All of its replicas must be told the same.
type Place struct {
	Blobs string   `placeholder:"DIR" help:"Folder for files, one and the same for all replicas; or name a bucket."`
	Spool string   `placeholder:"DIR" help:"Folder for a file while it is judged; that of the files, or the system's own, without one."`
	S3    S3Config `embed:"" prefix:"s3-"`
}

// Config is the place of a service's own files.
func (p *Place) Config(service string) (Config, error) {
	switch {
	case p.Blobs == "" && p.S3.Endpoint == "":
		return Config{}, errors.New("--blobs or --s3-endpoint is required")
	case p.S3.Endpoint == "":
		return Config{Folder: p.Blobs}, nil
	}
	bucket := p.S3
	bucket.Prefix += service + "/"
	return Config{S3: bucket}, nil
}
