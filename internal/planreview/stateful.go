package planreview

import (
	"slices"
	"strings"
	"unicode"
)

// databases and companions are the words by which the provider recognises node groups that keep data. This package
// and the policies have copies, because neither may need the provider; a test compares all three.
var (
	databases = []string{
		"aerospike", "arangodb", "cassandra", "clickhouse", "cockroach", "couchbase", "couchdb", "crate", "database", "db",
		"dragonfly", "druid", "elasticsearch", "etcd", "firebird", "galera", "hadoop", "hbase", "hdfs", "influxdb", "kafka",
		"keydb", "mariadb", "mongo", "mssql", "mysql", "neo4j", "opensearch", "oracle", "orientdb", "percona", "pgpool",
		"pgvector", "postgis", "postgres", "questdb", "ravendb", "redis", "rethinkdb", "rqlite", "scylla", "solr", "spark",
		"sqlserver", "surrealdb", "tarantool", "tidb", "timescale", "valkey", "victoriametrics", "yugabyte", "zookeeper",
	}
	companions = []string{"admin", "client", "commander", "dashboards", "exporter", "express", "insight"}
)

// stateful says whether a layer of the environment keeps data, so that removing a node loses some.
func (e environment) stateful(name string) bool {
	layer := e.before.object("node_groups").object(name)
	if slices.Contains([]string{"sqldb", "nosqldb", "storage"}, name) || layer.text("scaling_mode") == "stateful" ||
		len(layer.object("volumes")) > 0 {
		return true
	}
	for _, side := range []object{e.before, e.after} {
		if slices.Contains(side.object("migration_policy").texts("database_layers"), name) {
			return true
		}
	}
	return namesDatabase(layer.text("node_type")) || slices.Contains(nameWords(layer.text("node_type")), "storage") ||
		slices.ContainsFunc(imageParts(layer.text("image")), namesDatabase)
}

func namesDatabase(name string) bool {
	words := nameWords(name)
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(databases, func(database string) bool {
			return word == database || len(database) >= 5 && strings.HasPrefix(word, database)
		})
	}) && !slices.ContainsFunc(words, func(word string) bool { return slices.Contains(companions, word) })
}

// imageParts are the parts of an image reference's path without registry, tag and digest.
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

// nameWords splits the keyword of a stack or the name of an image into lower-case words without version numbers.
func nameWords(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for i, word := range words {
		words[i] = strings.TrimRightFunc(word, unicode.IsDigit)
	}
	return words
}
