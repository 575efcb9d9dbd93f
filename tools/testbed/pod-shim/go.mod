module k8s-audit/pod-shim

go 1.25
