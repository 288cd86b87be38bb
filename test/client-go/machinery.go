package main

import (
	"encoding/json"
	"fmt"
	"strings"

	authv1 "k8s.io/api/authentication/v1"
	authzv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/util/retry"
)

func (s *suite) prepare() error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	if _, err := s.client.CoreV1().Namespaces().Create(s.ctx, namespace, metav1.CreateOptions{}); err != nil {
		return err
	}
	return s.eventually("the namespace's service account", func() (bool, error) {
		_, err := s.client.CoreV1().ServiceAccounts(s.namespace).Get(s.ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
}

func (s *suite) configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: s.namespace, Labels: map[string]string{"of": name}}, Data: data}
}

var machinery = []check{
	{"version and discovery", func(s *suite) error {
		version, err := s.client.Discovery().ServerVersion()
		if err != nil {
			return err
		}
		groups, resources, err := s.client.Discovery().ServerGroupsAndResources()
		if err != nil {
			return err
		}
		preferred, err := s.client.Discovery().ServerPreferredNamespacedResources()
		if err != nil {
			return err
		}
		if len(groups) < 20 || len(resources) < 20 || len(preferred) < 10 {
			return fmt.Errorf("%d groups, %d lists of resources, %d preferred", len(groups), len(resources), len(preferred))
		}
		return expect("minor version", version.Minor, "36")
	}},
	{"kinds are mapped to resources", func(s *suite) error {
		mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.client.Discovery())), s.client.Discovery(), nil)
		mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "apps", Kind: "Deployment"})
		if err != nil {
			return err
		}
		short, err := mapper.ResourceFor(schema.GroupVersionResource{Resource: "po"})
		if err != nil {
			return err
		}
		return first(expect("resource", mapping.Resource.Resource, "deployments"), expect("scope", string(mapping.Scope.Name()), "namespace"), expect("po", short.Resource, "pods"))
	}},
	{"OpenAPI v2 in protobuf, v3 by group", func(s *suite) error {
		document, err := s.client.Discovery().OpenAPISchema()
		if err != nil {
			return err
		}
		found := false
		for _, definition := range document.GetDefinitions().GetAdditionalProperties() {
			found = found || definition.GetName() == "io.k8s.api.apps.v1.Deployment"
		}
		if !found {
			return fmt.Errorf("no definition of a Deployment among %d", len(document.GetDefinitions().GetAdditionalProperties()))
		}
		spec, err := openapi3.NewRoot(s.client.Discovery().OpenAPIV3()).GVSpec(schema.GroupVersion{Group: "batch", Version: "v1"})
		if err != nil {
			return err
		}
		if spec.Components.Schemas["io.k8s.api.batch.v1.Job"] == nil {
			return fmt.Errorf("batch/v1 has no schema of a Job")
		}
		return nil
	}},
	{"create, get, update, patch in three ways, delete", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		created, err := maps.Create(s.ctx, s.configMap("life", map[string]string{"a": "1"}), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		created.Data["b"] = "2"
		updated, err := maps.Update(s.ctx, created, metav1.UpdateOptions{})
		if err != nil {
			return err
		}
		for _, patch := range []struct {
			kind types.PatchType
			body string
		}{
			{types.JSONPatchType, `[{"op":"add","path":"/data/c","value":"3"}]`},
			{types.MergePatchType, `{"data":{"d":"4","a":null}}`},
			{types.StrategicMergePatchType, `{"metadata":{"finalizers":["example.com/one"]}}`},
			{types.StrategicMergePatchType, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["example.com/one"]}}`},
		} {
			if _, err := maps.Patch(s.ctx, "life", patch.kind, []byte(patch.body), metav1.PatchOptions{}); err != nil {
				return fmt.Errorf("%s: %w", patch.kind, err)
			}
		}
		got, err := maps.Get(s.ctx, "life", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := first(expect("data", fmt.Sprint(got.Data), "map[b:2 c:3 d:4]"), expect("finalizers", len(got.Finalizers), 0), expect("uid", got.UID, updated.UID)); err != nil {
			return err
		}
		uid := types.UID("another")
		if err := maps.Delete(s.ctx, "life", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}); !apierrors.IsConflict(err) {
			return fmt.Errorf("a delete of another uid: %v", err)
		}
		return maps.Delete(s.ctx, "life", metav1.DeleteOptions{})
	}},
	{"errors are what their predicates look for", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		if _, err := maps.Get(s.ctx, "missing", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("missing: %v", err)
		}
		kept, err := maps.Create(s.ctx, s.configMap("errors", nil), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		if _, err := maps.Create(s.ctx, s.configMap("errors", nil), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("twice: %v", err)
		}
		if _, err := maps.Patch(s.ctx, "errors", types.MergePatchType, []byte(`{"data":{"x":"y"}}`), metav1.PatchOptions{}); err != nil {
			return err
		}
		if _, err := maps.Update(s.ctx, kept, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
			return fmt.Errorf("an old state: %v", err)
		}
		_, err = maps.Create(s.ctx, s.configMap("Not A Name", nil), metav1.CreateOptions{})
		var status apierrors.APIStatus
		if !apierrors.IsInvalid(err) || !asStatus(err, &status) || len(status.Status().Details.Causes) == 0 || status.Status().Details.Causes[0].Field != "metadata.name" {
			return fmt.Errorf("a bad name: %v", err)
		}
		nobody := rest.CopyConfig(s.binary)
		nobody.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
		client, err := kubernetes.NewForConfig(nobody)
		if err != nil {
			return err
		}
		if _, err := client.CoreV1().Secrets(s.namespace).List(s.ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
			return fmt.Errorf("nobody reads secrets: %v", err)
		}
		if _, err := maps.List(s.ctx, metav1.ListOptions{LabelSelector: "a in ("}); !apierrors.IsBadRequest(err) {
			return fmt.Errorf("a selector that is none: %v", err)
		}
		return nil
	}},
	{"conflicts are tried again until all have written", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		if _, err := maps.Create(s.ctx, s.configMap("counter", map[string]string{"n": ""}), metav1.CreateOptions{}); err != nil {
			return err
		}
		done := make(chan error)
		for i := 0; i < 8; i++ {
			go func() {
				// The default gives up after a few tries, and waits for seconds between them.
				backoff := retry.DefaultBackoff
				backoff.Steps, backoff.Factor = 200, 1
				done <- retry.RetryOnConflict(backoff, func() error {
					got, err := maps.Get(s.ctx, "counter", metav1.GetOptions{})
					if err != nil {
						return err
					}
					got.Data["n"] += "x"
					_, err = maps.Update(s.ctx, got, metav1.UpdateOptions{})
					return err
				})
			}()
		}
		for i := 0; i < 8; i++ {
			if err := <-done; err != nil {
				return err
			}
		}
		got, err := maps.Get(s.ctx, "counter", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return expect("count", len(got.Data["n"]), 8)
	}},
	{"apply, its conflicts, and extraction of what is owned", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		mine := metav1.ApplyOptions{FieldManager: "mine"}
		if _, err := maps.Apply(s.ctx, applycore.ConfigMap("applied", s.namespace).WithData(map[string]string{"a": "1", "b": "1"}), mine); err != nil {
			return err
		}
		other := applycore.ConfigMap("applied", s.namespace).WithData(map[string]string{"a": "2"})
		_, err := maps.Apply(s.ctx, other, metav1.ApplyOptions{FieldManager: "other"})
		if !apierrors.IsConflict(err) || !strings.Contains(err.Error(), `conflict with "mine"`) {
			return fmt.Errorf("no conflict: %v", err)
		}
		if _, err := maps.Apply(s.ctx, other, metav1.ApplyOptions{FieldManager: "other", Force: true}); err != nil {
			return err
		}
		got, err := maps.Apply(s.ctx, applycore.ConfigMap("applied", s.namespace).WithData(map[string]string{"c": "3"}), mine)
		if err != nil {
			return err
		}
		owned, err := applycore.ExtractConfigMap(got, "mine")
		if err != nil {
			return err
		}
		return first(expect("data", fmt.Sprint(got.Data), "map[a:2 c:3]"), expect("owned", fmt.Sprint(owned.Data), "map[c:3]"))
	}},
	{"a dry run leaves nothing", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		if _, err := maps.Create(s.ctx, s.configMap("dry", nil), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			return err
		}
		if _, err := maps.Get(s.ctx, "dry", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %v", err)
		}
		return nil
	}},
	{"pages of one consistent list", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		for i := 0; i < 45; i++ {
			object := s.configMap(fmt.Sprintf("page-%02d", i), nil)
			object.Labels = map[string]string{"paged": "yes"}
			if _, err := maps.Create(s.ctx, object, metav1.CreateOptions{}); err != nil {
				return err
			}
		}
		list := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (runtime.Object, error) { return maps.List(s.ctx, options) }))
		list.PageSize = 10
		seen := map[string]bool{}
		err := list.EachListItem(s.ctx, metav1.ListOptions{LabelSelector: "paged=yes"}, func(object runtime.Object) error {
			seen[object.(*corev1.ConfigMap).Name] = true
			return nil
		})
		if err != nil {
			return err
		}
		if err := maps.DeleteCollection(s.ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "paged=yes"}); err != nil {
			return err
		}
		left, err := maps.List(s.ctx, metav1.ListOptions{LabelSelector: "paged=yes"})
		if err != nil {
			return err
		}
		return first(expect("seen", len(seen), 45), expect("left", len(left.Items), 0))
	}},
	{"tokens and reviews", func(s *suite) error {
		hour := int64(3600)
		token, err := s.client.CoreV1().ServiceAccounts(s.namespace).CreateToken(s.ctx, "default", &authv1.TokenRequest{Spec: authv1.TokenRequestSpec{ExpirationSeconds: &hour}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		review, err := s.client.AuthenticationV1().TokenReviews().Create(s.ctx, &authv1.TokenReview{Spec: authv1.TokenReviewSpec{Token: token.Status.Token}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		bearer := rest.AnonymousClientConfig(s.binary)
		bearer.BearerToken = token.Status.Token
		client, err := kubernetes.NewForConfig(bearer)
		if err != nil {
			return err
		}
		self, err := client.AuthenticationV1().SelfSubjectReviews().Create(s.ctx, &authv1.SelfSubjectReview{}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		access, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(s.ctx, &authzv1.SelfSubjectAccessReview{Spec: authzv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authzv1.ResourceAttributes{Verb: "list", Resource: "secrets", Namespace: s.namespace}}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		name := "system:serviceaccount:" + s.namespace + ":default"
		return first(expect("authenticated", review.Status.Authenticated, true), expect("name", review.Status.User.Username, name), expect("self", self.Status.UserInfo.Username, name), expect("allowed", access.Status.Allowed, false))
	}},
	{"eviction of a pod that a budget keeps", func(s *suite) error {
		labels := map[string]string{"kept": "yes"}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "kept", Labels: labels}, Spec: corev1.PodSpec{NodeSelector: map[string]string{"no": "where"}, Containers: []corev1.Container{{Name: "c", Image: "none:1"}}}}
		if _, err := s.client.CoreV1().Pods(s.namespace).Create(s.ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		pod.Status.Phase = corev1.PodRunning
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
		if _, err := s.client.CoreV1().Pods(s.namespace).UpdateStatus(s.ctx, pod, metav1.UpdateOptions{}); err != nil {
			return err
		}
		budget := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: "kept"}, Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: intOrString("1"), Selector: &metav1.LabelSelector{MatchLabels: labels}}}
		if _, err := s.client.PolicyV1().PodDisruptionBudgets(s.namespace).Create(s.ctx, budget, metav1.CreateOptions{}); err != nil {
			return err
		}
		// Before that is done the answer is another 429, after which the client waits for ten seconds.
		if err := s.eventually("the budget is counted", func() (bool, error) {
			got, err := s.client.PolicyV1().PodDisruptionBudgets(s.namespace).Get(s.ctx, "kept", metav1.GetOptions{})
			return err == nil && got.Status.ObservedGeneration == got.Generation && got.Status.ExpectedPods == 1, nil
		}); err != nil {
			return err
		}
		var last error
		err := s.eventually("429 with a cause", func() (bool, error) {
			last = s.client.PolicyV1().Evictions(s.namespace).Evict(s.ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "kept", Namespace: s.namespace}, DeleteOptions: &metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}})
			return apierrors.IsTooManyRequests(last) && apierrors.HasStatusCause(last, policyv1.DisruptionBudgetCause), nil
		})
		if err != nil {
			return fmt.Errorf("%w; the last answer was %v", err, last)
		}
		return nil
	}},
	{"a pod that runs nowhere yet is resized", func(s *suite) error {
		pods := s.client.CoreV1().Pods(s.namespace)
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "resized"}, Spec: corev1.PodSpec{NodeSelector: map[string]string{"no": "where"}, Containers: []corev1.Container{{Name: "c", Image: "none:1", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": quantity("100m")}}}}}}
		if _, err := pods.Create(s.ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		patch := []byte(`{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"200m"}}}]}}`)
		if _, err := pods.Patch(s.ctx, "resized", types.StrategicMergePatchType, patch, metav1.PatchOptions{}); !apierrors.IsInvalid(err) {
			return fmt.Errorf("without the subresource: %v", err)
		}
		got, err := pods.Patch(s.ctx, "resized", types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "resize")
		if err != nil {
			return err
		}
		return expect("request", got.Spec.Containers[0].Resources.Requests.Cpu().String(), "200m")
	}},
	{"unknown fields are refused where asked", func(s *suite) error {
		body, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "strict"}, "dato": map[string]string{}})
		if err != nil {
			return err
		}
		err = s.client.CoreV1().RESTClient().Post().Namespace(s.namespace).Resource("configmaps").Param("fieldValidation", "Strict").SetHeader("Content-Type", "application/json").Body(body).Do(s.ctx).Error()
		if !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), `unknown field "dato"`) {
			return fmt.Errorf("%v", err)
		}
		return nil
	}},
}
