# Stands for the recipes of these names in ConanCenter, which tests do not reach: the system's packages.
#     conan export . --name NAME --version VERSION     nlohmann_json, cpp-httplib, openssl
from conan import ConanFile
from conan.tools.gnu import PkgConfig


class SystemPackage(ConanFile):
    options = {"with_openssl": [True, False]}
    default_options = {"with_openssl": False}

    def configure(self):
        if self.name != "cpp-httplib":
            self.options.rm_safe("with_openssl")

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        if self.name == "cpp-httplib":
            self.cpp_info.set_property("cmake_file_name", "httplib")
            self.cpp_info.set_property("cmake_target_name", "httplib::httplib")
            if self.options.with_openssl:
                PkgConfig(self, "cpp-httplib").fill_cpp_info(self.cpp_info, is_system=True)
        elif self.name == "openssl":
            self.cpp_info.set_property("cmake_file_name", "OpenSSL")
            for name, target in ("crypto", "OpenSSL::Crypto"), ("ssl", "OpenSSL::SSL"):
                component = self.cpp_info.components[name]
                component.set_property("cmake_target_name", target)
                component.includedirs = component.libdirs = component.bindirs = []
                component.system_libs = [name]
