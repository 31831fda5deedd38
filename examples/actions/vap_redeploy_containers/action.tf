resource "vap_environment" "shop" {
  name   = "shop-prod"
  region = "north-economy"

  node_groups = {
    cp = { node_type = "docker", image = "acme/app", tag = "1.0" }
  }
}

# By hand: terraform apply -invoke=action.vap_redeploy_containers.shop
action "vap_redeploy_containers" "shop" {
  config {
    environment = vap_environment.shop.name
    node_groups = ["cp"]
    tag         = vap_environment.shop.node_groups.cp.tag
  }
}
