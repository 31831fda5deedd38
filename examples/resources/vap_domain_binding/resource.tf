resource "vap_environment" "shop" {
  name   = "webshop"
  region = "north-economy"

  node_groups = {
    cp = { node_type = "nginxphp" }
  }
}

resource "vap_domain_binding" "www" {
  environment = vap_environment.shop.name
  domain      = "www.example.com"

  # Binds the domain again if something replaces the environment under the same name.
  lifecycle {
    replace_triggered_by = [vap_environment.shop.app_id]
  }
}

# The DNS record that leads the domain to the environment is made where the zone lives:
#
#   www.example.com.  CNAME  webshop.north.example.net.
#
# Its target is vap_environment.shop.domain, which another data centre's domain changes. In a DNS provider's resource,
# refer to that attribute: then a move of the environment changes the record in the same apply.
output "cname_target" {
  value = vap_environment.shop.domain
}
