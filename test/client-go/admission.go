package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"crypto/tls"

	admissionv1 "k8s.io/api/admission/v1"
	registration "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applyadmission "k8s.io/client-go/applyconfigurations/admissionregistration/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
)

// A webhook server as operators bring one: with a certificate of its own making, which its configurations carry.
type hooks struct {
	base   string
	bundle []byte
	server *http.Server
	dry    sync.Map // names that came with dryRun
}

func (h *hooks) answer(review *admissionv1.AdmissionReview, path string) *admissionv1.AdmissionResponse {
	var object corev1.ConfigMap
	if err := json.Unmarshal(review.Request.Object.Raw, &object); err != nil {
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: err.Error()}}
	}
	if review.Request.DryRun != nil && *review.Request.DryRun {
		h.dry.Store(review.Request.Name, true)
	}
	if path == "/validate" {
		if object.Data["refuse"] != "" {
			return &admissionv1.AdmissionResponse{Result: &metav1.Status{Code: 422, Reason: metav1.StatusReasonInvalid, Message: "refused: " + object.Data["refuse"]}}
		}
		return &admissionv1.AdmissionResponse{Allowed: true, Warnings: []string{"looked at " + object.Name}}
	}
	kind := admissionv1.PatchTypeJSONPatch
	return &admissionv1.AdmissionResponse{Allowed: true, PatchType: &kind, Patch: []byte(`[{"op":"add","path":"/data/stamped","value":"by ` + review.Request.UserInfo.Username + `"}]`)}
}

func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	review := admissionv1.AdmissionReview{}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &review)
	}
	if err != nil || review.Request == nil {
		http.Error(w, fmt.Sprintf("no review: %v", err), http.StatusBadRequest)
		return
	}
	review.Response = h.answer(&review, r.URL.Path)
	review.Response.UID = review.Request.UID
	review.Request = nil
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(review)
}

func startHooks() (*hooks, error) {
	bundle, key, err := cert.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(bundle, key)
	if err != nil {
		return nil, err
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return nil, err
	}
	h := &hooks{base: "https://" + listener.Addr().String(), bundle: bundle}
	h.server = &http.Server{Handler: h}
	go func() { _ = h.server.Serve(listener) }()
	return h, nil
}

func (h *hooks) client(path string) registration.WebhookClientConfig {
	url := h.base + path
	return registration.WebhookClientConfig{URL: &url, CABundle: h.bundle}
}

// here selects the objects of this run that take part in a check.
func (s *suite) here(taking string) (namespaces, objects *metav1.LabelSelector) {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": s.namespace}}, &metav1.LabelSelector{MatchLabels: map[string]string{"admission": taking}}
}

var configMapsAnyWrite = []registration.RuleWithOperations{{
	Operations: []registration.OperationType{registration.Create, registration.Update},
	Rule:       registration.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}},
}}

// warned collects what a server warns of.
type warned struct {
	mutex sync.Mutex
	texts []string
}

func (w *warned) HandleWarningHeader(_ int, _, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.texts = append(w.texts, text)
}

func (w *warned) has(text string) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, one := range w.texts {
		if strings.Contains(one, text) {
			return true
		}
	}
	return false
}

func (s *suite) taking(name, check string, data map[string]string) *corev1.ConfigMap {
	object := s.configMap(name, data)
	object.Labels = map[string]string{"admission": check}
	return object
}

var admitting = []check{
	{"webhooks of an operator's own server change, refuse and warn", func(s *suite) error {
		h, err := startHooks()
		if err != nil {
			return err
		}
		defer h.server.Close()
		namespaces, objects := s.here("hooks")
		none, name := registration.SideEffectClassNone, s.namespace
		mutating := &registration.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: name}, Webhooks: []registration.MutatingWebhook{{
			Name: "stamp.example.com", ClientConfig: h.client("/mutate"), Rules: configMapsAnyWrite, NamespaceSelector: namespaces, ObjectSelector: objects, SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
			MatchConditions: []registration.MatchCondition{{Name: "not-skipped", Expression: "!has(object.data) || !('skip' in object.data)"}},
		}}}
		validating := &registration.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: name}, Webhooks: []registration.ValidatingWebhook{{
			Name: "check.example.com", ClientConfig: h.client("/validate"), Rules: configMapsAnyWrite, NamespaceSelector: namespaces, ObjectSelector: objects, SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
		}}}
		configurations := s.client.AdmissionregistrationV1()
		if _, err := configurations.MutatingWebhookConfigurations().Create(s.ctx, mutating, metav1.CreateOptions{}); err != nil {
			return err
		}
		defer func() { _ = configurations.MutatingWebhookConfigurations().Delete(s.ctx, name, metav1.DeleteOptions{}) }()
		if _, err := configurations.ValidatingWebhookConfigurations().Create(s.ctx, validating, metav1.CreateOptions{}); err != nil {
			return err
		}
		defer func() {
			_ = configurations.ValidatingWebhookConfigurations().Delete(s.ctx, name, metav1.DeleteOptions{})
		}()
		warnings := &warned{}
		config := rest.CopyConfig(s.binary)
		config.WarningHandler = warnings
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		maps := client.CoreV1().ConfigMaps(s.namespace)
		n := 0
		if err := s.eventually("both webhooks are asked", func() (bool, error) {
			n++
			got, err := maps.Create(s.ctx, s.taking(fmt.Sprintf("hooked-%d", n), "hooks", map[string]string{"a": "b"}), metav1.CreateOptions{})
			return err == nil && strings.HasPrefix(got.Data["stamped"], "by ") && warnings.has(fmt.Sprintf("looked at hooked-%d", n)), nil
		}); err != nil {
			return err
		}
		skipped, err := maps.Create(s.ctx, s.taking("hooked-skip", "hooks", map[string]string{"skip": "x"}), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		_, refused := maps.Create(s.ctx, s.taking("hooked-refused", "hooks", map[string]string{"refuse": "no"}), metav1.CreateOptions{})
		if !apierrors.IsInvalid(refused) || !strings.HasSuffix(refused.Error(), `admission webhook "check.example.com" denied the request: refused: no`) {
			return fmt.Errorf("refused with: %v", refused)
		}
		if _, err := maps.Create(s.ctx, s.taking("hooked-dry", "hooks", map[string]string{"a": "b"}), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			return err
		}
		_, dry := h.dry.Load("hooked-dry")
		// Gone, and yet asked for: the words that people look for.
		h.server.Close()
		_, gone := maps.Create(s.ctx, s.taking("hooked-gone", "hooks", map[string]string{"skip": "x"}), metav1.CreateOptions{})
		if !apierrors.IsInternalError(gone) || !strings.Contains(gone.Error(), `failed calling webhook "check.example.com": failed to call webhook: Post "`+h.base+`/validate?timeout=10s": dial tcp `) || !strings.HasSuffix(gone.Error(), "connect: connection refused") {
			return fmt.Errorf("gone: %v", gone)
		}
		return first(expect("stamped though skipped", skipped.Data["stamped"], ""), expect("told of the dry run", dry, true))
	}},
	{"a policy with parameters refuses, warns, and has its types checked", func(s *suite) error {
		warnings := &warned{}
		config := rest.CopyConfig(s.binary)
		config.WarningHandler = warnings
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		maps, policies, name := client.CoreV1().ConfigMaps(s.namespace), s.client.AdmissionregistrationV1(), s.namespace
		if _, err := maps.Create(s.ctx, s.configMap("limit", map[string]string{"most": "3"}), metav1.CreateOptions{}); err != nil {
			return err
		}
		namespaces, objects := s.here("policy")
		policy := applyadmission.ValidatingAdmissionPolicy(name).WithSpec(applyadmission.ValidatingAdmissionPolicySpec().
			WithParamKind(applyadmission.ParamKind().WithAPIVersion("v1").WithKind("ConfigMap")).
			WithMatchConstraints(applyadmission.MatchResources().WithResourceRules(applyadmission.NamedRuleWithOperations().
				WithOperations(registration.Create).WithAPIGroups("").WithAPIVersions("v1").WithResources("configmaps"))).
			WithVariables(applyadmission.Variable().WithName("most").WithExpression("int(params.data.most)")).
			WithValidations(applyadmission.Validation().WithExpression("object.data.size() <= variables.most").WithReason(metav1.StatusReasonForbidden).
				WithMessageExpression("'no more than ' + params.data.most + ' in ' + namespaceObject.metadata.name"),
				applyadmission.Validation().WithExpression("object.metadata.nothing == 1")))
		if _, err := policies.ValidatingAdmissionPolicies().Apply(s.ctx, policy, metav1.ApplyOptions{FieldManager: "check"}); err != nil {
			return err
		}
		defer func() { _ = policies.ValidatingAdmissionPolicies().Delete(s.ctx, name, metav1.DeleteOptions{}) }()
		if err := s.eventually("its types are checked", func() (bool, error) {
			got, err := policies.ValidatingAdmissionPolicies().Get(s.ctx, name, metav1.GetOptions{})
			if err != nil || got.Status.TypeChecking == nil {
				return false, nil
			}
			found := got.Status.TypeChecking.ExpressionWarnings
			return len(found) == 1 && found[0].FieldRef == "spec.validations[1].expression" && strings.Contains(found[0].Warning, "undefined field 'nothing'"), nil
		}); err != nil {
			return err
		}
		if _, err := policies.ValidatingAdmissionPolicies().Patch(s.ctx, name, types.JSONPatchType, []byte(`[{"op":"remove","path":"/spec/validations/1"}]`), metav1.PatchOptions{}); err != nil {
			return err
		}
		deny := registration.DenyAction
		binding := &registration.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: registration.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: name, ParamRef: &registration.ParamRef{Name: "limit", Namespace: s.namespace, ParameterNotFoundAction: &deny},
			MatchResources: &registration.MatchResources{NamespaceSelector: namespaces, ObjectSelector: objects}, ValidationActions: []registration.ValidationAction{registration.Warn},
		}}
		if binding, err = policies.ValidatingAdmissionPolicyBindings().Create(s.ctx, binding, metav1.CreateOptions{}); err != nil {
			return err
		}
		defer func() { _ = policies.ValidatingAdmissionPolicyBindings().Delete(s.ctx, name, metav1.DeleteOptions{}) }()
		many, words := map[string]string{"a": "", "b": "", "c": "", "d": ""}, "no more than 3 in "+s.namespace
		dry := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
		if err := s.eventually("it warns", func() (bool, error) {
			_, err := maps.Create(s.ctx, s.taking("many", "policy", many), dry)
			return warnings.has(words), err
		}); err != nil {
			return err
		}
		binding.Spec.ValidationActions = []registration.ValidationAction{registration.Deny, registration.Audit}
		if _, err := policies.ValidatingAdmissionPolicyBindings().Update(s.ctx, binding, metav1.UpdateOptions{}); err != nil {
			return err
		}
		if err := s.eventually("it refuses", func() (bool, error) {
			_, err := maps.Create(s.ctx, s.taking("many", "policy", many), dry)
			return apierrors.IsForbidden(err) && strings.Contains(err.Error(), fmt.Sprintf("ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s", name, name, words)), nil
		}); err != nil {
			return err
		}
		_, err = maps.Create(s.ctx, s.taking("few", "policy", map[string]string{"a": ""}), metav1.CreateOptions{})
		return err
	}},
}
