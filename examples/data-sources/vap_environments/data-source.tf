# What runs in the dear region and is not production.
data "vap_environments" "dear" {
  region       = "north-performance"
  status       = "running"
  name_pattern = "*-test"
}

output "could_be_cheaper" {
  value = data.vap_environments.dear.environments[*].name
}

# Where the environments of a group and of the groups below it are.
data "vap_environments" "shop" {
  group = "shop"
}

output "shop" {
  value = { for env in data.vap_environments.shop.environments : env.name => env.region }
}
