package pipeline

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
)

// The provider, the review and the policies recognise the same node groups that keep data, by the words in their
// types.
func TestWhatKeepsDataIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	const words = "aerospike arangodb cassandra clickhouse cockroachdb couchbase couchdb crate database db dragonfly " +
		"druid elasticsearch7 etcd firebird galera hadoop hbase hdfs influxdb kafka keydb mariadb-dockerized mongo " +
		"mongodb6 mssql mysql8 mysqlserver neo4j opensearch oracle orientdb percona pgpool pgvector postgis postgres16 " +
		"postgresql questdb ravendb redis7 rethinkdb rqlite scylla solr spark sqlserver surrealdb tarantool tidb " +
		"timescaledb valkey victoriametrics yugabyte zookeeper storage shared-storage nginx nginxphp apache2 " +
		"mongo-express postgres-exporter mysql-client opensearch-dashboards phpmyadmin dbx sparkle crates"
	var variants []variant
	var want []bool
	for word := range strings.SplitSeq(words, " ") {
		plan := decodedPlan(t, filepath.Join("../planreview/testdata/plans/terraform-1.11", "scaled-in.json"))
		change := environmentsOf(plan)[0]
		for _, side := range []string{"before", "after"} {
			values := member(member(change, "change"), side)
			layers := member(values, "node_groups")
			layer := member(layers, "sqldb")
			layer["node_type"], layer["scaling_mode"], layer["volumes"] = word, "stateless", nil
			layers["other"] = layer
			delete(layers, "sqldb")
		}
		variants = append(variants, variant{word, plan})
		group := migration.NodeGroup{Name: "other", NodeType: word}
		want = append(want, group.IsDatabase() || group.IsSharedStorage())
	}
	for i, kinds := range agree(t, variants) {
		if slices.Contains(kinds, "data-loss") != want[i] {
			t.Errorf("%s keeps data: %t for the provider; the review and the policies deny %q", variants[i].name, want[i], kinds)
		}
	}
}

func member(of map[string]any, name string) map[string]any {
	object, _ := of[name].(map[string]any)
	return object
}
