# Environments that run in the expensive region and are not production.
data "vap_environments" "dear" {
  region       = "north-performance"
  status       = "running"
  name_pattern = "*-test"
}

output "could_be_cheaper" {
  value = data.vap_environments.dear.environments[*].name
}

# The regions of the environments in a group and the groups below it.
data "vap_environments" "shop" {
  group = "shop"
}

output "shop" {
  value = { for env in data.vap_environments.shop.environments : env.name => env.region }
}
