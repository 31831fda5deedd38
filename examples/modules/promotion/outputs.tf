output "name" {
  description = "The name of the environment, for example for vap_domain_binding."
  value       = vap_environment.this.name
}

output "region" {
  description = "The environment region in which the environment is."
  value       = vap_environment.this.region
}

output "stage" {
  description = "The stage to which that region belongs."
  value       = one([for s in var.stages : s.name if s.region == vap_environment.this.region])
}

output "production" {
  description = "Whether that stage is production."
  value       = contains(local.production_regions, vap_environment.this.region)
}

output "domain" {
  description = "The host name that the platform gives the environment; another one in a data centre with another domain."
  value       = vap_environment.this.domain
}

output "url" {
  description = "The address of the environment, with http or https."
  value       = vap_environment.this.url
}

output "addresses" {
  description = "The addresses of all nodes. DNS records and firewall rules that refer to them follow a move in the same apply."
  value = {
    public_ipv4 = flatten(vap_environment.this.nodes[*].public_ipv4)
    public_ipv6 = flatten(vap_environment.this.nodes[*].public_ipv6)
    internal    = vap_environment.this.nodes[*].internal_ip
  }
}

output "last_migration" {
  description = "The record of the last move that Terraform carried out, as vap_environment has it; null until there was one."
  value       = vap_environment.this.last_migration
}
