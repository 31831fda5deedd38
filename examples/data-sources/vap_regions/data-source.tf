# The regions to which an environment in north-economy can move without stopping.
data "vap_regions" "live" {
  from           = "north-economy"
  live_migration = true
  usable         = true
}

output "live_migration_targets" {
  value = data.vap_regions.live.regions[*].name
}

# The price of a reserved cloudlet per hour in each region whose price is known.
data "vap_regions" "all" {}

output "prices" {
  value = {
    for region in data.vap_regions.all.regions :
    region.name => "${region.price.reserved_cloudlet[0].price} ${region.price.currency}"
    if try(length(region.price.reserved_cloudlet) > 0, false)
  }
}
