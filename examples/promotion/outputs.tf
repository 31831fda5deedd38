locals {
  environments = { web = module.web, api = module.api, database = module.database }
}

output "shop" {
  description = "Where each environment is, and how it came there."
  value = { for name, environment in local.environments : name => {
    stage  = environment.stage
    domain = environment.domain
    moved  = try(format("%s, %d s", environment.last_migration.mode, environment.last_migration.duration_seconds), null)
  } }
}
