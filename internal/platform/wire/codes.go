package wire

// Environment statuses (ENV_STATUS_TYPE_…), as in the dashboard's text table and the API reference.
const (
	StatusRunning      = 1
	StatusDown         = 2
	StatusLaunching    = 3
	StatusSleep        = 4
	StatusUnknown      = 5 // the dashboard says "Suspended"
	StatusCreating     = 6
	StatusCloning      = 7
	StatusNotExists    = 8
	StatusExporting    = 9
	StatusMigrating    = 10
	StatusBroken       = 11
	StatusUpdating     = 12
	StatusStopping     = 13
	StatusGoingToSleep = 14
	StatusRestoring    = 15
)

// Values of result. The platform publishes no table; internal/platform/README.md says where each number comes from.
const (
	ResultOK                   = 0
	ResultFailed               = 1
	ResultInvalidParameter     = 3
	ResultObjectNotFound       = 5
	ResultPermissionDenied     = 8
	ResultAppNotFound          = 11
	ResultIOTimeout            = 17
	ResultUnknownError         = 99
	ResultAuthenticationFailed = 701
	ResultNotAuthenticated     = 702
	ResultUserNotFound         = 703
	ResultUserBlocked          = 704
	ResultWrongLogin           = 707
	ResultWrongPassword        = 801
	ResultEnvironmentNotFound  = 901
	ResultTooManyApplications  = 904
	ResultExternalBilling      = 2207
	ResultWrongStatus          = 2212
	ResultRejectedByBilling    = 2223
	ResultNameTaken            = 2314
	ResultDomainNotFound       = 2322
	ResultDomainBusy           = 2330
	ResultQuotaLimit           = 2338
	ResultMaxEnvironments      = 2360
	ResultOverCloudlets        = 2361
	ResultHANotAllowed         = 2362
	ResultVDSNotAllowed        = 2364
	ResultMaxNodes             = 2365
	ResultMaxSameNodes         = 2366
	ResultNodeTypeNotAllowed   = 2372
	ResultMigrationNotAllowed  = 2373
	ResultEndpointsNotAllowed  = 2378
	// ResultRegistryRefused is one of several codes for images and registries; which of them means what is unverified.
	ResultRegistryRefused        = 4072
	ResultMissingTokenPermission = 8202
)
