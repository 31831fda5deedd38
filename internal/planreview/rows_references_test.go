package planreview_test

import "strings"

// noLive declares that there is no live migration between two regions of one data centre. It is a comment in the
// configuration that the recorder turns into an argument of the provider block.
const noLive = `#provider: live_migration = [{ between = ["north-economy", "north-performance"], possible = false }]` +
	"\n"

// references is a move with new addresses and a reference of every kind, including some that do not follow the
// move.
var references = row{
	name:   "references",
	before: shop(economy, web, yes) + referring,
	after:  shop(south, web, yes) + referring,
	modules: map[string]string{"dns/main.tf": `
variable "target" { type = string }
resource "terraform_data" "record" { input = var.target }
output "fqdn" { value = terraform_data.record.output }
`},
}

// leftBehind is the same plan with -target, so that it leaves out everything but the environment.
var leftBehind = references.with(func(r *row) {
	r.name = "targeted-references"
	r.arguments = []string{"-target=vap_environment.shop"}
})

// referring hard-codes the addresses that the local platform assigns first.
const referring = dns + `
# Through a module and its output.
module "dns" {
  source = "./dns"
  target = vap_environment.shop.domain
}

output "fqdn" { value = module.dns.fqdn }

# Through a local value, which the plan's JSON does not have.
locals {
  internal = vap_environment.shop.nodes[*].internal_ip
}

resource "terraform_data" "upstreams" {
  input = local.internal
}

# Stays as it is although what it refers to changes.
resource "terraform_data" "frozen" {
  input = vap_environment.shop.url
  lifecycle { ignore_changes = [input] }
}

# By the name only.
resource "vap_domain_binding" "www" {
  environment = vap_environment.shop.name
  domain      = "www.example.com"
}

# Read before the move.
data "vap_environment" "shop" {
  name = vap_environment.shop.name
}

resource "terraform_data" "reader" {
  input = data.vap_environment.shop.domain
}

# By value.
variable "monitored" {
  default = ["https://shop-prod.north.vap.test:443/health", "https://my-shop-prod.north.vap.test/"]
}

resource "terraform_data" "monitor" {
  input = { urls = var.monitored }
}

resource "terraform_data" "allow_list" {
  input = { rules = [{ cidrs = ["198.51.100.70/32", "PUBLIC/32"] }, { cidrs = ["PUBLIC0/32"] }] }
}

resource "terraform_data" "connection" {
  input = sensitive("mysql://shop:hunter2@INTERNAL:3306/shop")
}

output "address" { value = "PUBLIC" }
`

// triggers is a move with changes that no expression in the plan's JSON connects with it.
var triggers = row{
	name:   "triggers",
	before: shop(economy, web, yes) + triggered,
	after:  shop(south, web, yes) + triggered,
	modules: map[string]string{"site/main.tf": `
terraform {
  required_providers { vap = { source = "terraform-provider-vap/vap" } }
}
data "vap_environment" "shop" { name = "shop-prod" }
`},
}

const triggered = `
resource "terraform_data" "release" {
  input = "1.0"
  lifecycle { replace_triggered_by = [vap_environment.shop.region] }
}

data "vap_environment" "shop" {
  name       = "shop-prod"
  depends_on = [vap_environment.shop]
}

resource "terraform_data" "reader" {
  input = data.vap_environment.shop.region
}

module "site" {
  source     = "./site"
  depends_on = [vap_environment.shop]
}
`

var modules = row{
	name: "modules",
	first: []string{`module.site["a.1"].vap_environment.this`, `module.site["b"].vap_environment.this`,
		"vap_environment.counted[0]"},
	before: many("north-economy", "north-economy", "north-economy"),
	after:  many("north-performance", "south-standard", "north-economy"),
	modules: map[string]string{"site/main.tf": `
variable "name" { type = string }
variable "region" { type = string }
resource "vap_environment" "this" {
  name        = var.name
  region      = var.region
  node_groups = { cp = { node_type = "nginxphp", public_ipv4_count = 1 } }
  ` + yes + `
}
resource "terraform_data" "record" { input = vap_environment.this.domain }
output "domain" { value = vap_environment.this.domain }
`, "site/versions.tf": versions},
}

const versions = `terraform {
  required_providers { vap = { source = "terraform-provider-vap/vap" } }
}
`

func many(a, b, c string) string {
	return strings.NewReplacer("$a", a, "$b", b, "$c", c).Replace(`
module "site" {
  for_each = { "a.1" = "$a", b = "$b" }
  source   = "./site"
  name     = "site-${replace(each.key, ".", "")}-prod"
  region   = each.value
}

resource "terraform_data" "cname" {
  for_each = module.site
  input    = each.value.domain
}

resource "vap_environment" "counted" {
  count       = 2
  name        = "counted-${count.index}"
  region      = count.index == 0 ? "$b" : "$c"
  node_groups = { cp = { node_type = "nginxphp", public_ipv4_count = 1 } }
  ` + yes + `
}

resource "terraform_data" "counted" {
  count = 2
  input = vap_environment.counted[count.index].domain
}

resource "terraform_data" "second" {
  input = vap_environment.counted[1].domain
}
`)
}

// movedAndImported has environments that move in the plan that gives them another address or imports them.
var movedAndImported = row{
	name:   "moved-and-imported",
	before: shop(economy, web, "") + other(economy),
	first:  []string{"vap_environment.shop"},
	prepare: func(r *recorder) error {
		r.Run("state", "rm", "vap_environment.other")
		return nil
	},
	after: strings.Replace(shop(performance, web, ""), `"shop"`, `"renamed"`, 1) +
		strings.Replace(other(south), "\n}\n", "\n  "+yes+"\n}\n", 1) + `
moved {
  from = vap_environment.shop
  to   = vap_environment.renamed
}

import {
  to = vap_environment.other
  id = "other-prod"
}
`,
}
