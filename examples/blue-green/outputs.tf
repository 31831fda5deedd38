output "domains" {
  description = "Which environment each custom domain leads to."
  value       = { for binding in [vap_domain_binding.live, vap_domain_binding.preview] : binding.domain => binding.environment }
}

output "stages" {
  description = "The stage of each environment."
  value       = { for environment in module.shop : environment.name => environment.stage }
}
