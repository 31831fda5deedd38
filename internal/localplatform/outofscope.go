package localplatform

import (
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// EngineVersion is the answer of getengineversion: the version of the API description that this package follows.
const EngineVersion = "8.0.2"

func init() {
	register("marketplace/jps", map[string]*method{"getengineversion": {run: (*call).getEngineVersion, reads: true}})
}

type versionAnswer struct {
	Result  int    `json:"result"`
	Version string `json:"version"`
}

func (c *call) getEngineVersion() (any, error) { return versionAnswer{Version: EngineVersion}, nil }

// outOfScope lists the methods of the public API description (8.0.2) that are not implemented: whole services (nil),
// and single methods of implemented services. Most are out of scope because nothing runs in the nodes of a local
// platform.
var outOfScope = map[string][]string{
	"environment/build": nil, "environment/deployment": nil, "environment/export": nil,
	"environment/file": nil, "environment/security": nil,
	"environment/trigger": nil, "environment/vcs": nil, "marketplace/app": nil, "marketplace/console": nil,
	"marketplace/favorite":     nil,
	"marketplace/installation": nil, "marketplace/jps": nil, "users/collaboration": nil, "utils/scheduler": nil,
	"environment/binder": {
		"adddomains", "addsslcert", "attachextip", "bindssl", "bindsslcert", "checkdomain",
		"checkextdomain", "deletessl", "detachextip", "disablessl",
		"editsslcert", "getdomains", "getssl", "getsslcerts", "moveextips", "removedomains",
		"removessl", "removesslcerts", "swapextdomains", "unbindsslcert",
	},
	"environment/control": {
		"addenvproperty", "addportredirect", "applyenvproperty", "clearlog", "deployapp",
		"editendpoint", "editnodegroup", "editregistrycredentials",
		"execcmdbygroup", "execcmdbyid", "getallsumstatbyuid", "getcontainerentrypoint",
		"getcontainermanifest", "getcontainernodetags", "getcontainerruncmd",
		"getcontainerrunconfig", "getcontainertags", "getenvproperty", "getlogs", "getlogslist",
		"getnodetags", "getregistryinfo",
		"getsoftwarepackages", "getsshaccessinfo", "gettemplatemanifest", "readlog", "removeapp",
		"removeenvproperty", "removelog", "renameapp",
		"resetcontainerpasswordbyid", "resetcontainerspasswordbygroup", "resetnodepassword",
		"resetnodepasswordbyid", "resetnodepasswordbytype",
		"resetservicepassword", "restartservices", "restoredump", "setcontainerentrypoint",
		"setcontainerruncmd", "skipmessage", "undeployapp",
	},
	"environment/nodegroup": {"setoptions"},
	"users/account":         {"recoverpassword"},
	"users/authentication": {
		"createtoken", "deletetokens", "edittoken", "getpolicymethods", "getsessions",
		"gettokenapilist", "gettokens", "gettokentemplates", "regeneratetoken",
		"signoutsessions", "verify2facode",
	},
}

// methodNamed returns the method of this name, or nil if the platform has none either.
func methodNamed(name string) *method {
	if m, ok := methods[name]; ok {
		return m
	}
	service, last := name[:strings.LastIndex(name, "/")], name[strings.LastIndex(name, "/")+1:]
	list, known := outOfScope[service]
	if !known {
		return nil
	}
	for _, one := range list {
		if one == last {
			return &method{run: (*call).refuseOutOfScope}
		}
	}
	if list == nil {
		return &method{run: (*call).refuseOutOfScope}
	}
	return nil
}

// refuseOutOfScope uses the platform's code for unclassified failures.
func (c *call) refuseOutOfScope() (any, error) {
	return nil, refuse(wire.ResultFailed,
		"method [%s] is out of the scope of the local platform, whose README lists the methods that there are",
		dotted(c.name))
}

func dotted(name string) string { return strings.ReplaceAll(name, "/", ".") }

// noSuchMethod is the answer to an unknown path below /1.0/. The code is our choice.
func noSuchMethod(path string) *refusal {
	words := "method [" + strings.Trim(path, "/") + "] not found"
	return &refusal{Code: wire.ResultObjectNotFound, Source: "hx-core", Words: words, outer: true}
}
