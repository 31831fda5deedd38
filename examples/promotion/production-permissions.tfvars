# For the one run that brings the shop into production, or back:
#
#   terraform apply -var-file=stages/performance.tfvars -var-file=production-permissions.tfvars
production_permissions = {
  allow_downtime  = true
  allow_ip_change = true
}
