# Everything that can be declared, but for secrets. What is not written is not managed: the platform decides it, and what
# somebody changes in the dashboard stays.
resource "vap_environment" "portal" {
  name         = "portal-prod"
  display_name = "Customer portal"
  region       = "north-standard"
  groups       = ["portal/prod"] # all groups it is in; [] takes it out of all
  built_in_ssl = true            # a certificate for the platform's domain; custom domains need one of their own
  power        = "running"       # "stopped" saves what is not reserved, and keeps everything

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
      count              = 2             # leave it out where autoscaling decides
      reserved_cloudlets = 2             # always paid for
      dynamic_cloudlets  = 12            # the limit of each node, paid for when used
      disk_gb            = 20            # can grow, cannot shrink
      scaling_mode       = "stateless"   # new nodes are made from the stack, not copied from the first one
      links              = ["sqldb:db"]  # gives the nodes the database's address as variables

      # Only these names are managed. Those that the platform or somebody else sets are left alone.
      env = {
        NODE_ENV = "production"
      }

      volumes = {
        "/home/jelastic/cache" = {} # outlives a redeployment
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

    # A layer of any other name is a custom one. Here a container from a registry that wants no password.
    worker = {
      node_type = "docker"
      image     = "portal/worker"
      tag       = "2026.3"
      registry  = { url = "registry.example.com" }
    }
  }

  # None of this makes a call to the platform; it decides what a later change of region may do.
  migration_policy = {
    mode                 = "auto" # live if that is possible and safe, else offline if that is permitted
    allow_downtime       = true   # an offline migration stops the whole environment
    allow_ip_change      = true   # another data centre means new addresses
    permit_for           = ["south-standard"]
    allow_live_databases = false # only with mode = "live"
    allow_live_mounts    = false # only with mode = "live"
    database_layers      = ["sqldb"]
    allowed_regions      = ["north-standard", "north-performance", "south-standard"]
    max_hourly_cost      = 0.75
    on_external_move     = "refuse" # what to do if somebody moves it in the dashboard
    timeout              = "3h"     # of the migration alone

    # A migration begins in these hours or is refused. The night to Sunday belongs to Saturday.
    window = {
      days      = ["Sat", "Sun"]
      start     = "22:00"
      duration  = "4h"
      time_zone = "Europe/Berlin"
    }

    # After the migration it has to answer here, or the apply fails. For another address write url instead of path.
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
