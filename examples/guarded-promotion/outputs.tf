output "last_promotion" {
  description = "How the shop came to where it is: null until it has moved."
  value = vap_environment.shop.last_migration == null ? null : {
    mode    = vap_environment.shop.last_migration.mode
    seconds = vap_environment.shop.last_migration.duration_seconds
  }
}
