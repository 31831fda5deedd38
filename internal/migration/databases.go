package migration

import (
	"slices"
	"strings"
	"unicode"
)

// databases are the names of stacks and common images of databases and big-data systems. A longer word that begins with
// one of at least five letters counts, too: mysqlserver, mongodb, postgresql.
var databases = []string{
	"aerospike", "arangodb", "cassandra", "clickhouse", "cockroach", "couchbase", "couchdb", "crate", "database", "db",
	"dragonfly", "druid", "elasticsearch", "etcd", "firebird", "galera", "hadoop", "hbase", "hdfs", "influxdb", "kafka",
	"keydb", "mariadb", "mongo", "mssql", "mysql", "neo4j", "opensearch", "oracle", "orientdb", "percona", "pgpool",
	"pgvector", "postgis", "postgres", "questdb", "ravendb", "redis", "rethinkdb", "rqlite", "scylla", "solr", "spark",
	"sqlserver", "surrealdb", "tarantool", "tidb", "timescale", "valkey", "victoriametrics", "yugabyte", "zookeeper",
}

// companions are words that show that a name with a database's name in it belongs to something that only accompanies
// the database. A word belongs here only if no database has it: missing a database is worse than suspecting a
// companion.
var companions = []string{"admin", "client", "commander", "dashboards", "exporter", "express", "insight"}

// IsDatabase reports whether a node group is an active database or big-data system, whose data a live migration may
// lose or damage. It checks the node group's name, its stack's keyword and its image. A custom, cp, vps or docker node
// group may also hold a database, so its stack or image decides.
func (l NodeGroup) IsDatabase() bool {
	if l.Name == "sqldb" || l.Name == "nosqldb" {
		return true
	}
	return namesDatabase(l.NodeType) || slices.ContainsFunc(imageParts(l.Image), namesDatabase)
}

// IsSharedStorage reports whether a node group is a Shared Storage container, which can never move live.
func (l NodeGroup) IsSharedStorage() bool {
	return l.Name == "storage" || slices.Contains(words(l.NodeType), "storage")
}

func namesDatabase(name string) bool {
	parts := words(name)
	return slices.ContainsFunc(parts, isDatabaseWord) &&
		!slices.ContainsFunc(parts, func(word string) bool { return slices.Contains(companions, word) })
}

func isDatabaseWord(word string) bool {
	return slices.ContainsFunc(databases, func(name string) bool {
		return word == name || len(name) >= 5 && strings.HasPrefix(word, name)
	})
}

// imageParts are the parts of an image reference's path without registry, tag and digest:
// "mcr.example.com/mssql/server:2022" is "mssql" and "server".
func imageParts(image string) []string {
	image, _, _ = strings.Cut(image, "@")
	parts := strings.Split(image, "/")
	if len(parts) > 1 && strings.ContainsAny(parts[0], ".:") {
		parts = parts[1:]
	}
	last := &parts[len(parts)-1]
	*last, _, _ = strings.Cut(*last, ":")
	return parts
}

// words splits a stack keyword or image name into lower-case words without version numbers: "mysql8" is "mysql",
// "redis-dockerized" is "redis" and "dockerized", "neo4j" stays.
func words(name string) []string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for i, part := range parts {
		parts[i] = strings.TrimRightFunc(part, unicode.IsDigit)
	}
	return parts
}
