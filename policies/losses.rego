# The data that a plan deletes, or may.
package vap.plan

# losses are the data losses of environments, with a text for each.
losses contains {"resource": resource, "text": text} if {
	some resource in environments
	does(resource, "delete")
	not does(resource, "create")
	not renamed[resource]
	text := "is deleted with everything on it"
}

losses contains {"resource": resource, "text": text} if {
	some resource in environments
	does(resource, "delete")
	does(resource, "create")
	not renamed[resource]
	text := "is deleted with everything on it, and made anew, empty"
}

losses contains {"resource": resource, "text": text} if {
	some resource, to in renamed
	text := sprintf("is renamed in the configuration without `moved`: everything on it is lost; to keep it, write:\nmoved {\n  from = %s\n  to   = %s\n}", [
		resource.address,
		to,
	])
}

# renamed maps a deleted environment to the address at which the plan creates or imports it again.
renamed[resource] := min(targets) if {
	some resource in environments
	does(resource, "delete")
	not is_deposed(resource)
	mine := identities(before(resource), object.get(resource, ["change", "before_identity"], null))
	targets := {other.address |
		some other in environments
		other.address != resource.address
		not is_deposed(other)
		count(mine & created(other)) > 0
	}
	count(targets) > 0
}

is_deposed(resource) if object.get(resource, "deposed", "") != ""

# created are the identities of the environment that a change creates or imports.
created(resource) := identities(after(resource), object.get(resource, ["change", "after_identity"], null)) if {
	does(resource, "create")
} else := ids if {
	importing := object.get(resource, ["change", "importing"], null)
	is_object(importing)
	ids := identities(after(resource), attribute(importing, "identity")) | identities({"name": attribute(importing, "id")}, null)
} else := set()

# identities identify an environment: its name, which is unique on the platform, its app_id, and the identity that
# newer programs write.
identities(values, identity) := union({names, apps, whole}) if {
	names := {["name", name] |
		some name in [attribute(values, "name"), attribute(values, "id"), attribute(identity, "name")]
		is_filled(name)
	}
	apps := {["app", id] | some id in [attribute(values, "app_id")]; is_filled(id)}
	whole := {["identity", known] | some known in [identity]; is_object(known); count(known) > 0}
}

# --- Layers.

layers(values) := node_groups if {
	node_groups := attribute(values, "node_groups")
	is_object(node_groups)
} else := {}

losses contains {"resource": resource, "text": text} if {
	some resource in environments
	updates(resource)
	attribute(unknown(resource), "node_groups") == true
	count(layers(before(resource))) > 0
	text := "has layers that are not known yet: any of them may be removed or replaced with its data"
}

# present are the layers that exist before the plan, with their values afterwards and what of these is unknown.
present contains layer if {
	some resource in environments
	updates(resource)
	marks := attribute(unknown(resource), "node_groups")
	marks != true
	some name, was in layers(before(resource))
	layer := {
		"resource": resource,
		"name": name,
		"was": was,
		"is": attribute(layers(after(resource)), name),
		"unknown": attribute(marks, name),
	}
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in present
	layer.unknown == true
	text := sprintf("layer %s is not known yet: it may be removed or replaced with its data", [layer.name])
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in present
	layer.is == null
	layer.unknown != true
	not goes_unmanaged(layer.resource)
	text := sprintf("layer %s is removed with its data", [layer.name])
}

# stays are the layers that also exist afterwards.
stays contains layer if {
	some layer in present
	layer.is != null
	layer.unknown != true
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in stays
	marked(attribute(layer.unknown, "node_type"))
	text := sprintf("layer %s is replaced with everything on its nodes if its node_type changes, which is not known yet", [layer.name])
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in stays
	not marked(attribute(layer.unknown, "node_type"))
	attribute(layer.was, "node_type") != attribute(layer.is, "node_type")
	text := sprintf("layer %s is replaced with everything on its nodes: another node_type", [layer.name])
}

# kept are the layers whose nodes stay.
kept contains layer if {
	some layer in stays
	not marked(attribute(layer.unknown, "node_type"))
	attribute(layer.was, "node_type") == attribute(layer.is, "node_type")
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in kept
	stateful(layer)
	may_fall(layer)
	text := sprintf("layer %s keeps data, and loses nodes with everything on them if its count falls, which is not known yet", [layer.name])
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in kept
	stateful(layer)
	not marked(attribute(layer.unknown, "count"))
	is_number(layer.was.count)
	is_number(layer.is.count)
	layer.is.count < layer.was.count
	text := sprintf("layer %s keeps data, and loses nodes with everything on them: count %v → %v", [layer.name, layer.was.count, layer.is.count])
}

losses contains {"resource": layer.resource, "text": text} if {
	some layer in kept
	not marked(attribute(layer.unknown, "volumes"))
	is_object(layer.is.volumes)
	some path, volume in layer.was.volumes
	is_local(volume)
	not is_local(attribute(layer.is.volumes, path))
	text := sprintf("layer %s no longer has the volume %s, whose data may be lost", [layer.name, path])
}

may_fall(layer) if {
	marked(attribute(layer.unknown, "count"))
	not attribute(layer.was, "count") == 1
}

may_fall(layer) if {
	not marked(attribute(layer.unknown, "count"))
	is_number(attribute(layer.was, "count")) != is_number(attribute(layer.is, "count"))
}

# is_local says whether a volume is the node's own, not a mount.
is_local(volume) if {
	is_object(volume)
	every name in ["source_node_group", "source_node_id", "source_path"] {
		attribute(volume, name) == null
	}
}

# goes_unmanaged says whether layers that are no longer in the plan stay and become unmanaged: the provider removes
# only layers that were once in the configuration. A plan that removes a layer never knows the nodes. A plan that
# imports removes none, but may not know the nodes for another reason.
goes_unmanaged(resource) if attribute(after(resource), "node_groups") == null

goes_unmanaged(resource) if {
	not marked(attribute(unknown(resource), "nodes"))
	before(resource).nodes != null
	before(resource).nodes == after(resource).nodes
}

goes_unmanaged(resource) if {
	marked(attribute(unknown(resource), "nodes"))
	object.get(resource, ["change", "importing"], null) != null
	nodes_change_anyway(resource)
}

# nodes_change_anyway says whether the nodes are unknown for another reason than a removed layer.
nodes_change_anyway(resource) if marked(attribute(unknown(resource), "planned_migration"))

nodes_change_anyway(resource) if {
	some name in ["ip_change", "domain_change"]
	attribute(attribute(after(resource), "planned_migration"), name) == true
}

nodes_change_anyway(resource) if {
	some name in object.keys(layers(after(resource)))
	not name in object.keys(layers(before(resource)))
}

nodes_change_anyway(resource) if {
	some name in object.keys(object.union(layers(after(resource)), layers(unknown(resource))))
	some count_or_type in ["node_type", "count", "public_ipv4_count", "public_ipv6_count"]
	changes_in_layer(resource, name, count_or_type)
}

changes_in_layer(resource, name, _) if attribute(layers(unknown(resource)), name) == true

changes_in_layer(resource, name, of) if marked(attribute(attribute(layers(unknown(resource)), name), of))

changes_in_layer(resource, name, of) if {
	was := attribute(attribute(layers(before(resource)), name), of)
	was != attribute(attribute(layers(after(resource)), name), of)
}

# --- Layers that keep data.

stateful(layer) if layer.name in {"sqldb", "nosqldb", "storage"}

stateful(layer) if layer.was.scaling_mode == "stateful"

stateful(layer) if count(layer.was.volumes) > 0

stateful(layer) if {
	some side in [before(layer.resource), after(layer.resource)]
	layer.name in side.migration_policy.database_layers
}

stateful(layer) if names_database(layer.was.node_type)

stateful(layer) if "storage" in words(layer.was.node_type)

stateful(layer) if {
	some part in image_parts(layer.was.image)
	names_database(part)
}

names_database(name) if {
	parts := words(name)
	some word in parts
	some database in databases
	is_database(word, database)
	count(parts & companions) == 0
}

is_database(word, database) if word == database

is_database(word, database) if {
	count(database) >= 5
	startswith(word, database)
}

# words are the words in a stack's keyword or an image's name, without version numbers.
words(name) := {word |
	some part in regex.split(`[^\p{L}\p{Nd}]+`, lower(name))
	word := regex.replace(part, `\p{Nd}+$`, "")
}

# image_parts are the parts of an image's path, without registry, tag and digest.
image_parts(image) := [trim_suffix(part, concat("", [":", tag])) |
	parts := split(split(image, "@")[0], "/")
	some i, part in parts
	not is_registry(parts, i)
	tag := concat(":", array.slice(split(part, ":"), 1, count(split(part, ":"))))
]

is_registry(parts, 0) if {
	count(parts) > 1
	regex.match(`[.:]`, parts[0])
}

# The words by which the provider recognises layers that keep data.
databases := {
	"aerospike", "arangodb", "cassandra", "clickhouse", "cockroach", "couchbase", "couchdb", "crate", "database", "db",
	"dragonfly", "druid", "elasticsearch", "etcd", "firebird", "galera", "hadoop", "hbase", "hdfs", "influxdb", "kafka",
	"keydb", "mariadb", "mongo", "mssql", "mysql", "neo4j", "opensearch", "oracle", "orientdb", "percona", "pgpool",
	"pgvector", "postgis", "postgres", "questdb", "ravendb", "redis", "rethinkdb", "rqlite", "scylla", "solr", "spark",
	"sqlserver", "surrealdb", "tarantool", "tidb", "timescale", "valkey", "victoriametrics", "yugabyte", "zookeeper",
}

companions := {"admin", "client", "commander", "dashboards", "exporter", "express", "insight"}
