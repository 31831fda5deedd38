resource "vap_environment" "shop" {
  name   = "shop-prod"
  region = "north-economy"

  node_groups = {
    cp    = { node_type = "nginxphp", public_ipv4_count = 1 }
    sqldb = { node_type = "mysql8" }
  }
}

# Stands for what holds the addresses, such as a DNS record. When they change, the action runs in the same apply.
resource "terraform_data" "addresses" {
  input = flatten(vap_environment.shop.nodes[*].public_ipv4)

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.vap_restart_nodes.shop]
    }
  }
}

# By hand: terraform apply -invoke=action.vap_restart_nodes.shop
action "vap_restart_nodes" "shop" {
  config {
    environment = vap_environment.shop.name
    node_groups = ["sqldb", "cp"] # in this order

    timeouts = {
      invoke = "1h"
    }
  }
}
