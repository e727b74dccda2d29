// Package clientconfig turns what the declared file says of a cluster into the configuration of a client, the same for every command: the exporter,
// provisioning and drills differ in their token only. It opens no connection and decides nothing.
package clientconfig

import (
	"log/slog"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Of is the configuration of a client that asks a cluster with one of its tokens. The secret is read again for each request, so that a new
// one in the file counts at once.
func Of(cluster config.Cluster, connection config.Connection, token config.Token, logger *slog.Logger) pve.Config {
	return pve.Config{
		Endpoints: connection.Endpoints, CAFile: connection.CAFile, Fingerprint: connection.Fingerprint,
		TokenID: token.ID,
		TokenSecret: func() (string, error) {
			secret, err := token.Secret()
			return secret.Reveal(), err
		},
		Timeout: cluster.RequestTimeout, MaxCallsPerNode: cluster.MaxCallsPerNode,
		Logger: logger.With("cluster", cluster.Name),
	}
}
