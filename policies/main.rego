# Conftest reads this namespace by default.
package main

import data.vap.migration

deny contains finding if some finding in migration.deny

warn contains finding if some finding in migration.warn
