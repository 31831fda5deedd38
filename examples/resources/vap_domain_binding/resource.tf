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

  # Binds the domain again if Terraform replaces the environment under the same name.
  lifecycle {
    replace_triggered_by = [vap_environment.shop.app_id]
  }
}

# Create the DNS record that points to the environment at your DNS provider:
#
#   www.example.com.  CNAME  webshop.north.example.net.
#
# The target is vap_environment.shop.domain, which changes with the data centre. If Terraform manages the record, refer to
# this attribute: a migration then updates the record in the same apply.
output "cname_target" {
  value = vap_environment.shop.domain
}
