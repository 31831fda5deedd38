package migration

import (
	"slices"
	"strings"
	"unicode"
)

// databases are the names by which stacks and common images of databases and big-data systems go.
var databases = []string{
	"arangodb", "cassandra", "clickhouse", "cockroach", "cockroachdb", "couchbase", "couchdb", "database", "dragonfly",
	"druid", "elasticsearch", "etcd", "firebird", "galera", "hadoop", "hbase", "hdfs", "influxdb", "kafka", "keydb",
	"mariadb", "mongo", "mongod", "mongodb", "mssql", "mysql", "mysqld", "neo4j", "opensearch", "orientdb", "percona",
	"pgpool", "postgis", "postgres", "postgresql", "questdb", "ravendb", "redis", "rethinkdb", "rqlite", "scylla",
	"scylladb", "solr", "spark", "sqlserver", "surrealdb", "tarantool", "tidb", "timescale", "timescaledb", "valkey",
	"victoriametrics", "yugabyte", "zookeeper",
}

// companions are words that make a database's name the name of something that only accompanies databases. A word
// belongs here only if no database carries it: missing a database is worse than suspecting a companion.
var companions = []string{"admin", "client", "commander", "dashboards", "exporter", "express", "insight"}

// IsDatabase says whether a layer is an active database or big-data system, whose data a live migration may lose or
// damage: by the layer's name, its stack's keyword or its image. A custom, cp, vps or docker layer may hold a
// database too, so the stack or image decides there.
func (l Layer) IsDatabase() bool {
	if l.Name == "sqldb" || l.Name == "nosqldb" {
		return true
	}
	return namesDatabase(l.NodeType) || namesDatabase(imageName(l.Image))
}

// IsSharedStorage says whether a layer is a Shared Storage container, which can never move live.
func (l Layer) IsSharedStorage() bool {
	return l.Name == "storage" || slices.Contains(words(l.NodeType), "storage")
}

func namesDatabase(name string) bool {
	parts := words(name)
	isOneOf := func(list []string) func(string) bool {
		return func(word string) bool { return slices.Contains(list, word) }
	}
	return slices.ContainsFunc(parts, isOneOf(databases)) && !slices.ContainsFunc(parts, isOneOf(companions))
}

// imageName is the last part of an image reference without tag and digest: "bitnami/postgresql:15" is "postgresql".
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndexByte(image, '/')+1:]
	name, _, _ := strings.Cut(image, ":")
	return name
}

// words splits a stack keyword or image name into lower-case words without version numbers: "mysql8" is "mysql",
// "redis-dockerized" is "redis" and "dockerized", "neo4j" stays.
func words(name string) []string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, part := range parts {
		parts[i] = strings.TrimRightFunc(part, unicode.IsDigit)
	}
	return parts
}
