// Command centrifuge is a server of the library github.com/centrifugal/centrifuge, and a publisher
// to it, for the comparison of bench/fanout. It is a module of its own, so that Egress does not
// depend on the library.
//
//	centrifuge serve REDIS             listens on a loopback port and prints "ready at ADDRESS"
//	centrifuge publish REDIS <LINES    publishes lines of the form "CHANNEL JSON"
//
// A client names its channel as the token of its connect command. There is no authentication.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/centrifugal/centrifuge"
)

const (
	publishers   = 4       // goroutines that publish; the lines of a channel stay in order
	maxLineBytes = 1 << 20 // of the input of publish
	grace        = 5 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "centrifuge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) != 2 || args[0] != "serve" && args[0] != "publish" {
		return errors.New("usage: centrifuge serve|publish REDIS")
	}
	node, err := newNode(args[1])
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err = errors.Join(err, node.Shutdown(ctx))
	}()
	if args[0] == "publish" {
		return publish(node, os.Stdin)
	}
	return serve(ctx, node, os.Stdout)
}

// newNode returns a running node with the library's defaults, whose nodes are connected by Redis.
func newNode(redis string) (*centrifuge.Node, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return nil, fmt.Errorf("create a node: %w", err)
	}
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: redis})
	if err != nil {
		return nil, fmt.Errorf("connect to Redis: %w", err)
	}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		return nil, fmt.Errorf("create a broker: %w", err)
	}
	node.SetBroker(broker)
	node.OnConnecting(func(_ context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{UserID: e.Token},
			Subscriptions: map[string]centrifuge.SubscribeOptions{e.Token: {}},
		}, nil
	})
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("start a node: %w", err)
	}
	return node, nil
}

// serve serves WebSockets at /ws until ctx is done.
func serve(ctx context.Context, node *centrifuge.Node, out io.Writer) error {
	mux := http.NewServeMux()
	mux.Handle("/ws", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{UseWriteBufferPool: true}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: grace}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintf(out, "ready at http://%s/\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

type publication struct {
	channel string
	data    []byte
}

// publish publishes the lines of in until it ends or a publication fails.
func publish(node *centrifuge.Node, in io.Reader) error {
	var running sync.WaitGroup
	var once sync.Once
	var failure error
	failed := make(chan struct{})
	queues := make([]chan publication, publishers)
	for i := range queues {
		queues[i] = make(chan publication, 64)
		running.Go(func() {
			for p := range queues[i] {
				if _, err := node.Publish(p.channel, p.data); err != nil {
					once.Do(func() { failure = fmt.Errorf("publish: %w", err); close(failed) })
				}
			}
		})
	}
	seed := maphash.MakeSeed()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		channel, data, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		select {
		case queues[maphash.Bytes(seed, channel)%publishers] <- publication{string(channel), bytes.Clone(data)}:
			continue
		case <-failed:
		}
		break
	}
	for _, q := range queues {
		close(q)
	}
	running.Wait()
	return errors.Join(failure, lines.Err())
}
