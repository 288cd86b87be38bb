package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
)

// execIn checks that the end of the client's input is that of the process's.
func (s *suite) execIn(pod string, open opener) error {
	stdout, stderr, err := s.session(pod, open, "exec", withInput(command("sh", "-c", "cat; echo to stderr >&2; exit 3")), remotecommand.StreamOptions{Stdin: strings.NewReader("echoed")})
	if err == nil || !strings.Contains(err.Error(), "exit code 3") {
		return fmt.Errorf("exit: %v", err)
	}
	return first(expect("stdout", stdout, "echoed"), expect("stderr", stderr, "to stderr\n"))
}

// An opener makes an executor for an address, over one protocol or another.
type opener func(address string) (remotecommand.Executor, error)

func (s *suite) overSPDY(address string) (remotecommand.Executor, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return remotecommand.NewSPDYExecutor(s.config, "POST", parsed)
}

// overWebSocket has nothing to fall back to.
func (s *suite) overWebSocket(address string) (remotecommand.Executor, error) {
	return remotecommand.NewWebSocketExecutor(s.config, "GET", address)
}

// session runs a command, and gives what it wrote.
func (s *suite) session(pod string, open opener, subresource string, parameters runtime.Object, options remotecommand.StreamOptions) (string, string, error) {
	request := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod).SubResource(subresource).VersionedParams(parameters, scheme.ParameterCodec)
	exec, err := open(request.URL().String())
	if err != nil {
		return "", "", err
	}
	var stdout, stderr bytes.Buffer
	if options.Stdout == nil {
		options.Stdout = &stdout
	}
	if !options.Tty {
		options.Stderr = &stderr
	}
	err = exec.StreamWithContext(s.ctx, options)
	return stdout.String(), stderr.String(), err
}

func command(words ...string) *corev1.PodExecOptions {
	return &corev1.PodExecOptions{Container: "c", Command: words, Stdout: true, Stderr: true}
}

func withInput(options *corev1.PodExecOptions) *corev1.PodExecOptions {
	options.Stdin = true
	return options
}

// exec checks what a process reads, writes and ends with.
func (s *suite) exec(pod string, open opener) error {
	if err := s.execIn(pod, open); err != nil {
		return err
	}
	// Both directions at once, and more than any buffer holds.
	random := make([]byte, 6<<20)
	rand.New(rand.NewSource(1)).Read(random)
	echoed, _, err := s.session(pod, open, "exec", withInput(command("cat")), remotecommand.StreamOptions{Stdin: bytes.NewReader(random)})
	if err != nil {
		return fmt.Errorf("cat: %w", err)
	}
	if echoed != string(random) {
		return fmt.Errorf("cat: %d bytes came back of %d, or others", len(echoed), len(random))
	}
	counted, _, err := s.session(pod, open, "exec", command("seq", "1", "900000"), remotecommand.StreamOptions{})
	if err != nil {
		return fmt.Errorf("seq: %w", err)
	}
	var lines bytes.Buffer
	for n := 1; n <= 900000; n++ {
		fmt.Fprintln(&lines, n)
	}
	if counted != lines.String() {
		return fmt.Errorf("seq: %d bytes came back of %d, or others", len(counted), lines.Len())
	}
	nothing, _, err := s.session(pod, open, "exec", withInput(command("wc", "-c")), remotecommand.StreamOptions{Stdin: strings.NewReader("")})
	if err := first(err, expect("bytes of an empty input", strings.TrimSpace(nothing), "0")); err != nil {
		return err
	}
	for code, script := range map[int]string{1: "false", 137: "kill -9 $$", 255: "exit 255"} {
		_, _, err := s.session(pod, open, "exec", command("sh", "-c", script), remotecommand.StreamOptions{})
		exit, ok := err.(utilexec.CodeExitError)
		if !ok {
			return fmt.Errorf("%s: %v", script, err)
		}
		if err := first(expect("exit code of "+script, exit.ExitStatus(), code), expect("words of "+script, exit.Error(), fmt.Sprintf("command terminated with exit code %d", code))); err != nil {
			return err
		}
	}
	_, _, err = s.session(pod, open, "exec", command("/no/such/program"), remotecommand.StreamOptions{})
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		return fmt.Errorf("no such program: %v", err)
	}
	return s.terminal(pod, open)
}

// A sizes is a queue of terminal sizes.
type sizes chan remotecommand.TerminalSize

func (q sizes) Next() *remotecommand.TerminalSize {
	size, ok := <-q
	if !ok {
		return nil
	}
	return &size
}

// A watcher tells when a text has been written. It is no buffer itself: those are read into without a word.
type watcher struct {
	written bytes.Buffer
	text    string
	seen    func()
}

func (w *watcher) String() string { return w.written.String() }

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.written.Write(p)
	if w.seen != nil && strings.Contains(w.String(), w.text) {
		w.seen()
		w.seen = nil
	}
	return n, err
}

// terminal checks that a process has a terminal, and hears of its sizes.
func (s *suite) terminal(pod string, open opener) error {
	script := `until [ "$(stty size)" = "40 120" ]; do sleep 0.1; done; echo first; until [ "$(stty size)" = "24 80" ]; do sleep 0.1; done; tty; read line; echo "read $line" >&2; exit 4`
	queue := make(sizes, 2)
	defer close(queue)
	queue <- remotecommand.TerminalSize{Width: 120, Height: 40}
	stdin, typed := io.Pipe()
	defer typed.Close()
	written := &watcher{text: "first", seen: func() { queue <- remotecommand.TerminalSize{Width: 80, Height: 24} }}
	go io.WriteString(typed, "typed\n")
	options := withInput(command("sh", "-c", script))
	options.TTY, options.Stderr = true, false
	_, _, err := s.session(pod, open, "exec", options, remotecommand.StreamOptions{Stdin: stdin, Stdout: written, Tty: true, TerminalSizeQueue: queue})
	if exit, ok := err.(utilexec.CodeExitError); !ok || exit.ExitStatus() != 4 {
		return fmt.Errorf("terminal: %v after %q", err, written.String())
	}
	for _, text := range []string{"/dev/pts/", "read typed\r\n"} {
		if !strings.Contains(written.String(), text) {
			return fmt.Errorf("terminal: no %q in %q", text, written.String())
		}
	}
	return nil
}

// attach checks that a running process is joined: what it writes, and what it reads.
func (s *suite) attach(pod string, open opener) error {
	stdin, typed := io.Pipe()
	defer typed.Close()
	stop := make(chan struct{})
	written := &watcher{text: "heard typed", seen: func() { close(stop) }}
	failed := make(chan error, 1)
	go func() {
		_, _, err := s.session(pod, open, "attach", &corev1.PodAttachOptions{Container: "listens", Stdin: true, Stdout: true, Stderr: true}, remotecommand.StreamOptions{Stdin: stdin, Stdout: written})
		failed <- err
	}()
	go io.WriteString(typed, "typed\n")
	select {
	case <-stop:
		return nil
	case err := <-failed:
		return fmt.Errorf("it ended: %v after %q", err, written.String())
	case <-time.After(30 * time.Second):
		return fmt.Errorf("nothing heard")
	}
}

func (s *suite) overTunnel(pod string) (httpstream.Dialer, error) {
	address := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod).SubResource("portforward").URL()
	return portforward.NewSPDYOverWebsocketDialer(address, s.config)
}

func (s *suite) overUpgrade(pod string) (httpstream.Dialer, error) {
	transport, upgrader, err := spdy.RoundTripperFor(s.config)
	if err != nil {
		return nil, err
	}
	address := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod).SubResource("portforward").URL()
	return spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, address), nil
}

var containers = []check{
	{"a pod runs, and its log is read", func(s *suite) error {
		pods := s.client.CoreV1().Pods(s.namespace)
		grace := int64(0)
		script := "echo started; mkdir /tmp/www; seq 1 400000 >/tmp/www/large; httpd -p 8081 -h /tmp/www; while true; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello' | nc -l -p 8080; done"
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "runs"}, Spec: corev1.PodSpec{TerminationGracePeriodSeconds: &grace, Containers: []corev1.Container{
			{Name: "c", Image: s.image, Command: []string{"sh", "-c", script}},
			{Name: "listens", Image: s.image, Stdin: true, Command: []string{"sh", "-c", "while read line; do echo heard $line; done"}},
		}}}
		if _, err := pods.Create(s.ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := s.eventually("it runs", func() (bool, error) {
			got, err := pods.Get(s.ctx, "runs", metav1.GetOptions{})
			return err == nil && got.Status.Phase == corev1.PodRunning, err
		}); err != nil {
			return err
		}
		return s.eventually("its log", func() (bool, error) {
			log, err := pods.GetLogs("runs", &corev1.PodLogOptions{Container: "c"}).DoRaw(s.ctx)
			return string(log) == "started\n", err
		})
	}},
	{"exec over SPDY", func(s *suite) error { return s.exec("runs", s.overSPDY) }},
	{"exec over WebSocket, with nothing to fall back to", func(s *suite) error { return s.exec("runs", s.overWebSocket) }},
	{"attach over SPDY", func(s *suite) error { return s.attach("runs", s.overSPDY) }},
	{"attach over WebSocket, with nothing to fall back to", func(s *suite) error { return s.attach("runs", s.overWebSocket) }},
	{"port-forward over SPDY", func(s *suite) error { return s.forward("runs", s.overUpgrade) }},
	{"port-forward over WebSocket, with nothing to fall back to", func(s *suite) error { return s.forward("runs", s.overTunnel) }},
	{"a WebSocket to nothing says why", func(s *suite) error {
		_, _, err := s.session("none", s.overWebSocket, "exec", command("true"), remotecommand.StreamOptions{})
		if err == nil || !strings.Contains(err.Error(), `pods "none" not found`) {
			return fmt.Errorf("no such pod: %v", err)
		}
		dialer, err := s.overTunnel("none")
		if err != nil {
			return err
		}
		if _, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name); err == nil || !strings.Contains(err.Error(), `pods "none" not found`) {
			return fmt.Errorf("no such pod: %v", err)
		}
		return nil
	}},
}

func (s *suite) forward(pod string, over func(string) (httpstream.Dialer, error)) error {
	dialer, err := over(pod)
	if err != nil {
		return err
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := portforward.New(dialer, []string{"0:8080", "0:8081"}, stop, ready, io.Discard, io.Discard)
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
	if err := s.fetch(fmt.Sprintf("http://127.0.0.1:%d/", ports[0].Local), "hello"); err != nil {
		return err
	}
	var lines bytes.Buffer
	for n := 1; n <= 400000; n++ {
		fmt.Fprintln(&lines, n)
	}
	// Several at once share the one connection.
	results := make(chan error, 4)
	for range 4 {
		go func() { results <- s.fetch(fmt.Sprintf("http://127.0.0.1:%d/large", ports[1].Local), lines.String()) }()
	}
	return first(<-results, <-results, <-results, <-results)
}

// fetch expects a page.
func (s *suite) fetch(address, wanted string) error {
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
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
	if string(body) != wanted {
		return fmt.Errorf("%s: %d bytes of %d, or others", address, len(body), len(wanted))
	}
	return nil
}
