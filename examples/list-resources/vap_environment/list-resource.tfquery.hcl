# Write this into a file that ends in .tfquery.hcl, next to the provider block. To list the environments, run:
#
#   terraform query
#
# To generate import blocks and resources for all of them, run:
#
#   terraform query -generate-config-out=environments.tf
list "vap_environment" "shop" {
  provider = vap

  config {
    region       = "north-economy"
    name_pattern = "shop-*"
  }

  # Show all attributes of each environment, not only its name.
  include_resource = true
  limit            = 500
}
