# An environment that somebody else manages.
data "vap_environment" "shop" {
  name = "shop-prod"
}

output "shop" {
  value = {
    where     = "${data.vap_environment.shop.region} (${data.vap_environment.shop.datacenter})"
    status    = data.vap_environment.shop.status
    url       = data.vap_environment.shop.url
    cloudlets = sum([for layer in data.vap_environment.shop.node_groups : layer.count * layer.dynamic_cloudlets])
  }
}

# The addresses that a firewall must allow.
output "public_ipv4" {
  value = flatten(data.vap_environment.shop.nodes[*].public_ipv4)
}
