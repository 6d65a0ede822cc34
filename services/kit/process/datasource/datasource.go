// Package datasource is what a process that keeps something is told of its database. It is apart from package process so that the gateway, which keeps nothing, is
// built without databases. It depends on kit's config and sqldb.
package datasource

import (
	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Source is where a service keeps what it keeps.
type Source struct {
	Database config.Secret `required:"" placeholder:"REF" help:"DSN of the service's own database, as file:PATH or env:NAME."`
	Pool     int           `default:"16" help:"Connections to a PostgreSQL database that this replica may have, 4 at least; pool_max_conns in the DSN goes before it. All replicas' together must stay a fifth below the server's max_connections."`
}

// minPool lets requests, the sequencer, the sweep, the board and the followers of a process go on beside each other.
const minPool = 4

// DSN is the database's, with this replica's share of connections.
func (s *Source) DSN() string { return sqldb.Share(s.Database.Reveal(), max(s.Pool, minPool)) }
