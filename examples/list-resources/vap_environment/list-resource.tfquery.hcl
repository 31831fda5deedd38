# In a file that ends in .tfquery.hcl, next to the configuration with the provider block. To see what there is:
#
#   terraform query
#
# and to write import blocks and resources for all of it:
#
#   terraform query -generate-config-out=environments.tf
list "vap_environment" "shop" {
  provider = vap

  config {
    region       = "north-economy"
    name_pattern = "shop-*"
  }

  # Shows everything that is known of each environment, not only its name.
  include_resource = true
  limit            = 500
}
