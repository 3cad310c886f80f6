# make packages         deb, rpm and a tarball of both architectures, bills of materials and SHA256SUMS in out/packages
# make relink-kit       what the executables are linked from, with the command: for whoever wants another glibc in them
# make test-packages    the packages by their own tools, installed, booted, removed; and all built a second time
PACKAGES_PACKAGES = binutils dpkg-dev gzip make rpm tar xz-utils
TEST_PACKAGES_PACKAGES = $(BOOT_PACKAGES) debootstrap lintian rpm

packages: build arm64
	tests/install-packages.sh $(PACKAGES_PACKAGES)
	src/package/package.sh amd64 arm64

relink-kit: build arm64
	src/package/relink-kit.sh amd64 arm64

test-packages: packages relink-kit
	tests/install-packages.sh $(TEST_PACKAGES_PACKAGES)
	$(DOTNET_TEST) tests/Boot --filter FullyQualifiedName~PackageTests

.PHONY: packages relink-kit test-packages
