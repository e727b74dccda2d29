// Package objectstore asks MinIO and other servers that speak S3 how they are, and what became of the Terraform states that lie there, over
// minio-go. It also finds out, for provisioning, whether a server is fit to hold states at all.
//
// # Promises
//
// Every probe ends within the client's timeout, and sends a bounded number of requests however large a bucket is; the transport counts them,
// so the bound holds whatever minio-go does. What cannot be found out within the bound is unknown, never zero. N is [Config.MaxPages]:
//
//	Health          4 for kind minio, 1 for others
//	Certificate     1, without credentials
//	Bucket          2
//	Usage           2 for all buckets together where MinIO's own metrics are to be had; N+1 for each bucket that they do not name
//	State           N+2
//	StateHead       1
//	EnableVersioning 2
//	ProbeState      14
//
// No probe is repeated after a failure: the next refresh does that.
//
// Errors are an [Error], an [UnfitError] or the context's own. They name the store, what was tried and the reason, and carry advice for people,
// see package internal/ui. Neither they nor anything else hold the secret key, the access key's name, or what is inside a state.
//
// # What it is not
//
// It keeps nothing between calls but connections, and judges nothing: whether a lock is too old or a bucket must be versioned is for others to
// say. It does not start servers, and does not use MinIO's administration API.
package objectstore
