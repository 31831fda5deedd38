# All arguments except secrets. Terraform does not manage arguments that you leave out: the platform decides, and changes
# in the dashboard stay.
resource "vap_environment" "portal" {
  name         = "portal-prod"
  display_name = "Customer portal"
  region       = "north-standard"
  groups       = ["portal/prod"] # all groups of the environment; [] removes it from all
  built_in_ssl = true            # a certificate for the platform's domain; custom domains need their own
  power        = "running"       # "stopped" stops the nodes and keeps all data

  node_groups = {
    bl = {
      node_type         = "haproxy"
      public_ipv4_count = 1 # of each node; a fixed address for DNS records and allow-lists
      public_ipv6_count = 1
    }

    cp = {
      node_type          = "nodejs"
      display_name       = "Web"
      tag                = "22.18.0-pm2" # pinned: changing it redeploys the nodes
      count              = 2             # leave it out if autoscaling decides
      reserved_cloudlets = 2             # always charged
      dynamic_cloudlets  = 12            # the limit of each node, charged while used
      disk_gb            = 20            # can increase, cannot decrease
      scaling_mode       = "stateless"   # new nodes start from the stack, not from a copy of the master
      links              = ["sqldb:db"]  # gives the nodes the database's address as variables

      # Terraform manages only these names, not variables that the platform or somebody else sets.
      env = {
        NODE_ENV = "production"
      }

      volumes = {
        "/home/jelastic/cache" = {} # keeps its data across redeployments
        "/mnt/uploads" = {          # a directory of the storage layer below
          protocol          = "nfs"
          source_node_group = "storage"
          source_path       = "/data/uploads"
        }
        "/mnt/archive" = { # a directory of another environment's node
          protocol       = "nfs"
          source_node_id = one(vap_environment.archive.nodes[*].id)
          source_path    = "/data"
          read_only      = true
        }
      }
    }

    sqldb = {
      node_type         = "postgresql"
      dynamic_cloudlets = 16
      disk_gb           = 40
    }

    storage = { node_type = "storage" }

    # Any other name is a custom layer. This one runs a container from a public registry.
    worker = {
      node_type = "docker"
      image     = "portal/worker"
      tag       = "2026.3"
      registry  = { url = "registry.example.com" }
    }
  }

  # Decides what a later change of region may do. Changing the policy makes no call to the platform.
  migration_policy = {
    mode                 = "auto" # live if that is possible and safe, otherwise offline if permitted
    allow_downtime       = true   # an offline migration stops the whole environment
    allow_ip_change      = true   # another data centre means new addresses
    permit_for           = ["south-standard"]
    allow_live_databases = false # only with mode = "live"
    allow_live_mounts    = false # only with mode = "live"
    database_layers      = ["sqldb"]
    allowed_regions      = ["north-standard", "north-performance", "south-standard"]
    max_hourly_cost      = 0.75
    on_external_move     = "refuse" # if somebody moves it in the dashboard
    timeout              = "3h"     # for the migration only

    # Migrations start only in this window. A window that crosses midnight belongs to the day on which it opens.
    window = {
      days      = ["Sat", "Sun"]
      start     = "22:00"
      duration  = "4h"
      time_zone = "Europe/Berlin"
    }

    # The environment must answer here after the migration, or the apply fails. For another address, set url instead.
    verify = {
      path            = "/healthz"
      expected_status = [200, 204]
      patience        = "5m"
    }
  }

  timeouts = {
    create = "45m"
    read   = "2m"
    update = "30m"
    delete = "30m"
  }
}

resource "vap_environment" "archive" {
  name        = "portal-archive"
  region      = "north-economy"
  node_groups = { storage = { node_type = "storage" } }

  migration_policy = {
    verify = { url = "https://archive.example.com/" }
  }
}
