package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
)

func (s *suite) execIn(pod string, executor func(url string) (remotecommand.Executor, error)) error {
	request := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: []string{"sh", "-c", "cat; echo to stderr >&2; exit 3"}, Stdin: true, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	exec, err := executor(request.URL().String())
	if err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	err = exec.StreamWithContext(s.ctx, remotecommand.StreamOptions{Stdin: strings.NewReader("echoed"), Stdout: &stdout, Stderr: &stderr})
	if err == nil || !strings.Contains(err.Error(), "exit code 3") {
		return fmt.Errorf("exit: %v", err)
	}
	return first(expect("stdout", stdout.String(), "echoed"), expect("stderr", stderr.String(), "to stderr\n"))
}

var containers = []check{
	{"a pod runs: logs, exec over WebSocket and SPDY, port-forward", func(s *suite) error {
		pods := s.client.CoreV1().Pods(s.namespace)
		grace := int64(0)
		script := "echo started; while true; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello' | nc -l -p 8080; done"
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "runs"}, Spec: corev1.PodSpec{TerminationGracePeriodSeconds: &grace, Containers: []corev1.Container{{Name: "c", Image: s.image, Command: []string{"sh", "-c", script}}}}}
		if _, err := pods.Create(s.ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := s.eventually("it runs", func() (bool, error) {
			got, err := pods.Get(s.ctx, "runs", metav1.GetOptions{})
			return err == nil && got.Status.Phase == corev1.PodRunning, err
		}); err != nil {
			return err
		}
		if err := s.eventually("its log", func() (bool, error) {
			log, err := pods.GetLogs("runs", &corev1.PodLogOptions{}).DoRaw(s.ctx)
			return string(log) == "started\n", err
		}); err != nil {
			return err
		}
		overSPDY := func(address string) (remotecommand.Executor, error) {
			parsed, err := url.Parse(address)
			if err != nil {
				return nil, err
			}
			return remotecommand.NewSPDYExecutor(s.config, "POST", parsed)
		}
		if err := s.execIn("runs", overSPDY); err != nil {
			return fmt.Errorf("SPDY: %w", err)
		}
		// As kubectl does it: runtimes whose WebSockets are older than the client's are asked again.
		if err := s.execIn("runs", func(address string) (remotecommand.Executor, error) {
			socket, err := remotecommand.NewWebSocketExecutor(s.config, "GET", address)
			if err != nil {
				return nil, err
			}
			spdy, err := overSPDY(address)
			if err != nil {
				return nil, err
			}
			return remotecommand.NewFallbackExecutor(socket, spdy, func(err error) bool { return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err) })
		}); err != nil {
			return fmt.Errorf("WebSocket, else SPDY: %w", err)
		}
		return s.forward("runs")
	}},
}

func (s *suite) forward(pod string) error {
	transport, upgrader, err := spdy.RoundTripperFor(s.config)
	if err != nil {
		return err
	}
	address := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod).SubResource("portforward").URL()
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := portforward.New(spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, address), []string{"0:8080"}, stop, ready, io.Discard, io.Discard)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- forwarder.ForwardPorts() }()
	defer close(stop)
	select {
	case <-ready:
	case err := <-failed:
		return err
	case <-time.After(30 * time.Second):
		return fmt.Errorf("not ready")
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", ports[0].Local), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return expect("body", string(body), "hello")
}
