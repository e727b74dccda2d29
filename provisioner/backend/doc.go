// Package backend writes the files that tell Terraform where its state lies: backend.tf, one for each environment.
//
// A file is ours if its first line says so, and is then as declared or not, whoever edited it. A file of somebody else is never touched, nor is one
// written beside another that has a backend already. No file holds a secret.
package backend
