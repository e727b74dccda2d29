package sshsim

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Start starts a machine with an SSH server in this process.
func Start(t testing.TB) *Machine {
	t.Helper()
	m, _ := newMachine(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.Address = listener.Addr().String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { m.serve(connection) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return m
}

// serve serves one connection to its end.
func (m *Machine) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	server, channels, requests, err := ssh.NewServerConn(connection, m.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	var all sync.WaitGroup
	for channel := range channels {
		all.Go(func() {
			switch channel.ChannelType() {
			case "session":
				m.session(channel, server)
			case "direct-tcpip":
				m.forward(channel)
			default:
				_ = channel.Reject(ssh.UnknownChannelType, "")
			}
		})
	}
	all.Wait()
}

// session runs one command.
func (m *Machine) session(channel ssh.NewChannel, connection io.Closer) {
	stream, requests, err := channel.Accept()
	if err != nil {
		return
	}
	defer func() { _ = stream.Close() }()
	for request := range requests {
		var wanted struct{ Line string }
		if request.Type != "exec" || ssh.Unmarshal(request.Payload, &wanted) != nil {
			_ = request.Reply(false, nil)
			continue
		}
		before, after := m.next()
		if before {
			_ = connection.Close()
			return
		}
		_ = request.Reply(true, nil)
		status := m.run(wanted.Line, stream)
		if after {
			_ = connection.Close()
			return
		}
		_, _ = stream.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
		return
	}
}

func (m *Machine) run(line string, stream ssh.Channel) (status uint32) {
	command := m.command(line)
	command.Stdout, command.Stderr = stream, stream.Stderr()
	input, err := command.StdinPipe() // a command that does not read its input must not be waited for
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return 127
	}
	go func() {
		_, _ = io.Copy(input, stream)
		_ = input.Close()
	}()
	err = command.Wait()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return uint32(max(exit.ExitCode(), 1))
	case err != nil:
		return 126
	}
	return 0
}

// forward connects somebody to an address as the machine sees it.
func (m *Machine) forward(channel ssh.NewChannel) {
	var wanted struct {
		Host string
		Port uint32
		From string
		At   uint32
	}
	if ssh.Unmarshal(channel.ExtraData(), &wanted) != nil {
		_ = channel.Reject(ssh.ConnectionFailed, "")
		return
	}
	address := net.JoinHostPort(wanted.Host, strconv.Itoa(int(wanted.Port)))
	if other, has := m.Forward[address]; has {
		address = other
	}
	target, err := net.Dial("tcp", address)
	if err != nil {
		_ = channel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	defer func() { _ = target.Close() }()
	stream, requests, err := channel.Accept()
	if err != nil {
		return
	}
	defer func() { _ = stream.Close() }()
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(target, stream)
		_ = target.Close()
	}()
	_, _ = io.Copy(stream, target)
}
