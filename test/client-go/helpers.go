package main

import (
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

type restInterface = rest.Interface

var schemaNone = schema.GroupVersionKind{}

func quantity(text string) resource.Quantity { return resource.MustParse(text) }

// groupClient is the client of a group's version, for requests of any kind.
func groupClient(c kubernetes.Interface, group, version string) rest.Interface {
	switch group + "/" + version {
	case "/v1":
		return c.CoreV1().RESTClient()
	case "apps/v1":
		return c.AppsV1().RESTClient()
	case "batch/v1":
		return c.BatchV1().RESTClient()
	case "autoscaling/v2":
		return c.AutoscalingV2().RESTClient()
	case "policy/v1":
		return c.PolicyV1().RESTClient()
	case "networking.k8s.io/v1":
		return c.NetworkingV1().RESTClient()
	case "discovery.k8s.io/v1":
		return c.DiscoveryV1().RESTClient()
	case "coordination.k8s.io/v1":
		return c.CoordinationV1().RESTClient()
	case "rbac.authorization.k8s.io/v1":
		return c.RbacV1().RESTClient()
	}
	panic("no client of " + group + "/" + version)
}
