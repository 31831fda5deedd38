# A policy set for HCP Terraform and Terraform Enterprise: framework OPA, OPA 1.0 or newer. The folder that holds this file
# also holds vap.rego and a copy of this provider's folder "policies".
policy "vap-migrations" {
  query             = "data.terraform.policies.vap.deny"
  enforcement_level = "mandatory"
  description       = "Migrations of VAP environments that stop them, change their addresses, or may lose data"
}

policy "vap-migrations-to-know" {
  query             = "data.terraform.policies.vap.warn"
  enforcement_level = "advisory"
  description       = "What else a migration of VAP environments does"
}
