# The available databases with their versions.
data "vap_stacks" "databases" {
  layer = "sqldb"
}

output "databases" {
  value = { for stack in data.vap_stacks.databases.stacks : stack.node_type => stack.tags }
}

# The newest PHP 8.4 of a stack, for the tag of a node group.
data "vap_stacks" "php" {
  name_pattern = "nginxphp"
}

output "php" {
  value = [for tag in data.vap_stacks.php.stacks[0].tags : tag if strcontains(tag, "php-8.4")][0]
}
