output "shop" {
  description = "Where the shop is now."
  value = {
    region    = vap_environment.shop.region
    domain    = vap_environment.shop.domain
    addresses = terraform_data.dns_record.output.addresses
  }
}

output "regions" {
  description = "The regions of the platform, as a table."
  value = join("\n", concat(
    [format("%-18s %-12s %-12s %-30s %s", "REGION", "DATA CENTRE", "STATUS", "PRICE PER CLOUDLET AND HOUR", "LIVE MIGRATION TO")],
    [for r in data.vap_regions.all.regions : format("%-18s %-12s %-12s %-30s %s",
      r.name,
      r.datacenter,
      r.enabled ? r.status : "not enabled",
      try("${r.price.reserved_cloudlet[0].price} ${r.price.currency}", "unknown"),
      length(r.live_migration_targets) > 0 ? join(", ", r.live_migration_targets) : "-",
    )],
  ))
}
