# What Conftest looks for unless it is told another namespace.
package main

import data.vap.migration

deny contains finding if some finding in migration.deny

warn contains finding if some finding in migration.warn
