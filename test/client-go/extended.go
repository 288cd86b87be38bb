package main

import (
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic/dynamicinformer"
)

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// gadgets makes a definition of a kind of its own for this run.
func (s *suite) gadgets() (schema.GroupVersionResource, *unstructured.Unstructured) {
	group := s.namespace + ".example.com"
	definition := map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "gadgets." + group},
		"spec": map[string]any{
			"group": group, "scope": "Namespaced", "names": map[string]any{"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "listKind": "GadgetList"},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true,
				"subresources": map[string]any{"status": map[string]any{}, "scale": map[string]any{"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "properties": map[string]any{
					"spec": map[string]any{"type": "object", "properties": map[string]any{
						"size":  map[string]any{"type": "integer", "default": int64(1)},
						"parts": map[string]any{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": []any{"name"}, "items": map[string]any{"type": "object", "required": []any{"name"}, "properties": map[string]any{"name": map[string]any{"type": "string"}, "n": map[string]any{"type": "integer"}}}},
					}, "x-kubernetes-validations": []any{map[string]any{"rule": "!has(self.size) || self.size <= 10", "message": "no more than ten"}}},
					"status": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true},
				}}},
			}},
		},
	}
	return schema.GroupVersionResource{Group: group, Version: "v1", Resource: "gadgets"}, &unstructured.Unstructured{Object: definition}
}

func gadget(resource schema.GroupVersionResource, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": resource.GroupVersion().String(), "kind": "Gadget", "metadata": map[string]any{"name": name}, "spec": spec}}
}

var extended = []check{
	{"a custom resource from its definition to its end", func(s *suite) error {
		resource, definition := s.gadgets()
		if _, err := s.dynamic.Resource(definitions).Create(s.ctx, definition, metav1.CreateOptions{}); err != nil {
			return err
		}
		defer func() {
			_ = s.dynamic.Resource(definitions).Delete(s.ctx, definition.GetName(), metav1.DeleteOptions{})
		}()
		gadgets := s.dynamic.Resource(resource).Namespace(s.namespace)
		if err := s.eventually("it is served", func() (bool, error) {
			_, err := gadgets.List(s.ctx, metav1.ListOptions{})
			return err == nil, nil
		}); err != nil {
			return err
		}
		factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(s.dynamic, 0, s.namespace, nil)
		lister := factory.ForResource(resource)
		_ = lister.Informer()
		stop := make(chan struct{})
		defer close(stop)
		factory.Start(stop)
		factory.WaitForCacheSync(stop)
		created, err := gadgets.Create(s.ctx, gadget(resource, "one", map[string]any{"unknown": "x"}), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		size, _, _ := unstructured.NestedInt64(created.Object, "spec", "size")
		_, kept, _ := unstructured.NestedString(created.Object, "spec", "unknown")
		if err := first(expect("default", size, int64(1)), expect("unknown field kept", kept, false)); err != nil {
			return err
		}
		if _, err := gadgets.Create(s.ctx, gadget(resource, "big", map[string]any{"size": int64(11)}), metav1.CreateOptions{}); !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "no more than ten") {
			return fmt.Errorf("a rule: %v", err)
		}
		apply := func(manager string, part string, n int64) error {
			object := gadget(resource, "one", map[string]any{"parts": []any{map[string]any{"name": part, "n": n}}})
			_, err := gadgets.Apply(s.ctx, "one", object, metav1.ApplyOptions{FieldManager: manager})
			return err
		}
		if err := first(apply("a", "wheel", 1), apply("b", "axle", 2)); err != nil {
			return err
		}
		if err := apply("b", "wheel", 3); !apierrors.IsConflict(err) {
			return fmt.Errorf("two appliers of one part: %v", err)
		}
		if _, err := gadgets.Patch(s.ctx, "one", types.MergePatchType, []byte(`{"status":{"size":1}}`), metav1.PatchOptions{}, "status"); err != nil {
			return err
		}
		scale, err := gadgets.Get(s.ctx, "one", metav1.GetOptions{}, "scale")
		if err != nil {
			return err
		}
		if err := expect("scale", scale.GetKind(), "Scale"); err != nil {
			return err
		}
		if err := s.eventually("the informer has both parts", func() (bool, error) {
			object, err := lister.Lister().ByNamespace(s.namespace).Get("one")
			if err != nil {
				return false, nil
			}
			parts, _, _ := unstructured.NestedSlice(object.(*unstructured.Unstructured).Object, "spec", "parts")
			return len(parts) == 2, nil
		}); err != nil {
			return err
		}
		partial, err := s.metadata.Resource(resource).Namespace(s.namespace).Get(s.ctx, "one", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return expect("metadata", partial.Name, "one")
	}},
	{"finalizers hold an object until they are gone", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		object := s.configMap("held", nil)
		object.Finalizers = []string{"example.com/hold"}
		if _, err := maps.Create(s.ctx, object, metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := maps.Delete(s.ctx, "held", metav1.DeleteOptions{}); err != nil {
			return err
		}
		got, err := maps.Get(s.ctx, "held", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if got.DeletionTimestamp == nil || time.Since(got.DeletionTimestamp.Time) > time.Minute {
			return fmt.Errorf("deletion at %v", got.DeletionTimestamp)
		}
		got.Finalizers = nil
		if _, err := maps.Update(s.ctx, got, metav1.UpdateOptions{}); err != nil {
			return err
		}
		if _, err := maps.Get(s.ctx, "held", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("still there: %v", err)
		}
		return nil
	}},
	{"what an owner has is collected with it", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		owner, err := maps.Create(s.ctx, s.configMap("owner", nil), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		owned := s.configMap("owned", nil)
		owned.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: owner.UID}}
		if _, err := maps.Create(s.ctx, owned, metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := maps.Delete(s.ctx, "owner", metav1.DeleteOptions{}); err != nil {
			return err
		}
		return s.eventually("the owned one is gone", func() (bool, error) {
			_, err := maps.Get(s.ctx, "owned", metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
	}},
}
