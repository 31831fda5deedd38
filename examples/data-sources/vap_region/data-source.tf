data "vap_region" "target" {
  name = "south-standard"
  from = "north-standard"
}

output "moves_live" {
  value = data.vap_region.target.live_migration
}
