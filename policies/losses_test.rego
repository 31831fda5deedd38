# Each test has a plan with one change, and the data that it loses.
package vap.losses_test

import data.vap.migration
import data.vap.migration_test.denied
import data.vap.migration_test.environment
import data.vap.migration_test.plan

loses(resource) if "data-loss" in denied(plan([resource]))

says(resource, words) if {
	some finding in migration.deny with input as plan([resource])
	finding.rule == "data-loss"
	contains(finding.msg, words)
}

# layers is a change of an environment with these layers before and after, whose nodes are not known.
layers(before, after) := object.union(environment("vap_environment.shop", ["update"], {"node_groups": after}), {"change": {
	"before": {"node_groups": before, "nodes": [{"id": 1}]},
	"after_unknown": {"nodes": true},
}})

unknown(resource, marks) := object.union(resource, {"change": {"after_unknown": {"node_groups": marks}}})

test_removed_layer if says(layers({"a": {}, "b": {}}, {"a": {}}), "layer b is removed with its data")

test_replaced_layer if says(layers({"a": {"node_type": "x"}}, {"a": {"node_type": "y"}}), "layer a is replaced")

test_layers_that_are_not_known if {
	says(unknown(layers({"a": {}}, {}), true), "layers that are not known yet")
	says(unknown(layers({"a": {}}, {}), {"a": true}), "layer a is not known yet")
	says(unknown(layers({"a": {"node_type": "x"}}, {"a": {}}), {"a": {"node_type": true}}), "if its node_type changes")
	not loses(unknown(layers({}, {}), true))
}

# fewer is a layer that gets fewer nodes.
fewer(name, attributes) := layers({name: object.union(attributes, {"count": 2})}, {name: object.union(attributes, {"count": 1})})

test_fewer_nodes_of_what_keeps_data if {
	every name in ["sqldb", "nosqldb", "storage"] {
		says(fewer(name, {}), "count 2 → 1")
	}
	every attributes in [
		{"scaling_mode": "stateful"},
		{"volumes": {"/d": {}}},
		{"node_type": "mysql8"},
		{"node_type": "shared-storage"},
		{"image": "registry.example:5000/bitnami/mongodb-server:7@sha256:0"},
		{"image": "postgis:16"},
	] {
		loses(fewer("x", attributes))
	}
	loses(object.union(fewer("x", {}), {"change": {"after": {"migration_policy": {"database_layers": ["x"]}}}}))
}

test_fewer_nodes_of_what_keeps_none if {
	every attributes in [{}, {"node_type": "nginxphp"}, {"node_type": "mongo-express"}, {"image": "redis.example.com/app:1"}, {"scaling_mode": "stateless"}] {
		not loses(fewer("cp", attributes))
	}
	not loses(layers({"sqldb": {"count": 1}}, {"sqldb": {"count": 2}}))
}

test_number_that_is_not_known if {
	loses(unknown(layers({"sqldb": {"count": 2}}, {"sqldb": {}}), {"sqldb": {"count": true}}))
	not loses(unknown(layers({"sqldb": {"count": 1}}, {"sqldb": {}}), {"sqldb": {"count": true}}))
	loses(layers({"sqldb": {"count": null}}, {"sqldb": {"count": 1}}))
}

volumes(before, after) := layers({"cp": {"volumes": before}}, {"cp": {"volumes": after}})

test_volumes if {
	says(volumes({"/d": {}, "/e": {}}, {"/e": {}}), "volume /d")
	loses(volumes({"/d": {}}, {"/d": {"source_path": "/x"}}))
	not loses(volumes({"/d": {"source_node_id": 5}}, {}))
	not loses(volumes({"/d": {}}, {"/d": {"read_only": true}}))
	not loses(volumes({"/d": {}}, null))
}

# --- Layers that only become unmanaged.

imported(resource) := object.union(resource, {"change": {"importing": {"id": "shop-prod"}}})

# known is a change after which the nodes are known.
known(resource, nodes) := object.union(object.union(resource, {"change": {"after": {"nodes": nodes}}}), {"change": {"after_unknown": {"nodes": false}}})

test_unmanaged if {
	two := layers({"a": {}, "b": {}}, {"a": {}})
	not loses(known(two, [{"id": 1}]))
	not loses(imported(known(two, [{"id": 1}])))
	not loses(layers({"a": {}}, null))
	loses(imported(two))
	loses(known(two, []))
	loses(imported(known(two, [])))
}

# Something else makes the nodes of an import unknown.
test_unmanaged_beside_another_change if {
	not loses(imported(layers({"a": {}, "b": {}}, {"a": {"public_ipv4_count": 1}})))
	not loses(imported(layers({"b": {}}, {"c": {}})))
	not loses(imported(unknown(layers({"a": {}, "b": {}}, {"a": {}}), {"a": {"public_ipv4_count": true}})))
	not loses(imported(unknown(layers({"b": {}}, {}), {"c": true})))
	not loses(imported(object.union(
		layers({"a": {}, "b": {}}, {"a": {}}),
		{"change": {"after_unknown": {"planned_migration": true}}},
	)))
	not loses(imported(object.union(
		layers({"a": {}, "b": {}}, {"a": {}}),
		{"change": {"after": {"planned_migration": {"ip_change": true}}}},
	)))
}

# --- Environments, also renamed without a moved block.

test_environments if {
	says(environment("vap_environment.shop", ["delete"], null), "is deleted with everything on it")
	says(environment("vap_environment.shop", ["create", "delete"], {}), "made anew, empty")
	not loses(environment("vap_environment.shop", ["create"], {}))
	not loses(environment("vap_environment.shop", ["forget"], {}))
}

deleted := object.union(environment("vap_environment.shop", ["delete"], null), {"change": {"before": {"app_id": "0123"}}})

renamed(others) if {
	some finding in migration.deny with input as plan(array.concat([deleted], others))
	contains(finding.msg, "without `moved`: everything on it is lost; to keep it, write:\nmoved {\n  from = vap_environment.shop\n  to   = vap_environment.store\n}")
}

test_renamed if {
	renamed([environment("vap_environment.store", ["create"], {})])
	renamed([object.union(
		environment("vap_environment.store", ["create"], {"name": "store"}),
		{"change": {"after_identity": {"name": "shop-prod"}}},
	)])
	renamed([object.union(environment("vap_environment.store", ["no-op"], {}), {"change": {"importing": {"id": "shop-prod"}}})])
	not renamed([environment("vap_environment.store", ["create"], {"name": "store"})])
	not renamed([object.union(environment("vap_environment.store", ["create"], {}), {"deposed": "byebye"})])
	not renamed([])
}
